/** Opens a model behind an API: finds out what it can do, and remembers that. */
import { contentId } from '../../core/ids.ts';
import { UserError } from '../../core/errors.ts';
import { defaultRetryPolicy, type RetryPolicy } from '../../network/request.ts';
import type { LanguageModel } from '../languageModel.ts';
import { type AnswerCache, answerCache } from './answerCache.ts';
import { type ApiSettings, apiSchema, type Classification, classifications } from './apiSettings.ts';
import type { Spending } from './budget.ts';
import { ApiClient } from './client.ts';
import { type ApiCapabilities, capabilitiesSchema, probe } from './probe.ts';
import { remoteModel } from './remoteModel.ts';
import { isPlaceholder } from './secrets.ts';

/** Names of models behind an API begin with this: `openai:gpt-4o-mini`. */
export const apiPrefix = 'openai:';

/** Returns true for a model that is not on this machine. */
export function isBehindApi({ id, api }: { readonly id: string; readonly api?: ApiSettings | undefined }): boolean {
	return api !== undefined || id.startsWith(apiPrefix);
}

const openAi = 'https://api.openai.com/v1';

/** What the environment says. */
export interface ApiEnvironment {
	readonly baseUrl: string | null;
	readonly apiKey: string | null;
	/** Folder where answers are kept. */
	readonly cacheFolder: string;
	/** Times to wait; retries and timeout come from the settings. */
	readonly retryPolicy?: RetryPolicy;
}

export interface ApiModel {
	/** Returns why it cannot be asked, as far as that is known without asking; null where nothing speaks against it. */
	problem(): UserError | null;
	/** Returns the hash of what decides its answers, as far as it can be known: server, name, way of asking. */
	identity(): string;
	open(): Promise<LanguageModel>;
	/** Returns a line about the model for the report, with what the server was found to be able to do. */
	describe(): Promise<string>;
	/** Returns what to know about its key, null where there is nothing to say. */
	warning(): string | null;
	/** What this model has cost since it was opened; null before that. */
	spending(): Readonly<Spending> | null;
}

/** Returns a model by its id and settings. Nothing is asked before it is opened. */
export function apiModel(id: string, settings: ApiSettings, environment: ApiEnvironment): ApiModel {
	const name = settings.model ?? (id.startsWith(apiPrefix) ? id.slice(apiPrefix.length) : id);
	const baseUrl = checkedUrl(settings.baseUrl ?? environment.baseUrl ?? openAi);
	const cache = answerCache(environment.cacheFolder);
	const retryPolicy = {
		...(environment.retryPolicy ?? defaultRetryPolicy),
		retries: settings.retries,
		timeout: settings.timeout * 1000,
	};
	const { apiKey } = environment;
	let client: ApiClient | null = null;
	const { classify, extra, continues } = settings;
	const subject = { probe: 1, server: baseUrl, name, extra };
	const identity = contentId({ kind: 'api', ...subject, classify });
	const problem = (): UserError | null => (apiKey === null && baseUrl === openAi ? withoutKey(id) : null);
	return {
		problem,
		identity: () => identity,
		open: async () => {
			const lack = problem();
			if (lack !== null) throw lack;
			client = new ApiClient({ baseUrl, apiKey, settings, retryPolicy, cache });
			const capabilities = await knownOr(cache, subject, client, name, extra);
			const classification = classificationOf(classify, capabilities, name);
			return remoteModel({ id, identity, name, client, capabilities, classification, extra, continues });
		},
		describe: async () => {
			const what = described(name, baseUrl, classify, await known(cache, subject));
			const warning = keyWarning(baseUrl, apiKey);
			return warning === null ? what : `${what}; ${warning}`;
		},
		warning: () => keyWarning(baseUrl, apiKey),
		spending: () => client?.spending ?? null,
	};
}

/** Returns the settings that a bare name stands for. */
export function defaultApiSettings(): ApiSettings {
	return apiSchema.parse({});
}

/** On this machine a placeholder is usual; elsewhere a short key is a real one, or none at all. */
function keyWarning(baseUrl: string, apiKey: string | null): string | null {
	const { hostname } = new URL(baseUrl);
	if (!isPlaceholder(apiKey) || /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/u.test(hostname)) return null;
	return `the key in OPENAI_API_KEY, which ${hostname} gets, is so short that it cannot be told from words: where that server repeats it in an answer, it is kept`;
}

function withoutKey(id: string): UserError {
	return new UserError(
		`The model "${id}" is asked at ${openAi}, and OPENAI_API_KEY is not set. Set it; for another server set OPENAI_BASE_URL ` +
			'(http://localhost:8000/v1).',
	);
}

function checkedUrl(text: string): string {
	const url = URL.canParse(text) ? new URL(text) : null;
	if (url === null || !/^https?:$/u.test(url.protocol)) {
		throw new UserError('OPENAI_BASE_URL is no address. Give one like http://localhost:8000/v1.');
	}
	if (url.username !== '' || url.password !== '') {
		throw new UserError('OPENAI_BASE_URL must not hold a password; the key belongs in OPENAI_API_KEY.');
	}
	return url.origin + url.pathname.replace(/\/+$/u, '');
}

async function known(cache: AnswerCache, subject: object): Promise<ApiCapabilities | null> {
	const found = capabilitiesSchema.safeParse(await cache.get(subject));
	return found.success ? found.data : null;
}

async function knownOr(
	cache: AnswerCache,
	subject: object,
	client: ApiClient,
	name: string,
	extra: object,
): Promise<ApiCapabilities> {
	const before = await known(cache, subject);
	if (before !== null) return before;
	const found = await probe(client, name, extra);
	await cache.set(subject, found);
	return found;
}

function possible({ topLogProbabilities, structuredOutput }: ApiCapabilities, way: Classification): boolean {
	if (way === 'answer') return true;
	return way === 'constrained' ? structuredOutput : topLogProbabilities > 0;
}

function classificationOf(
	wanted: ApiSettings['classify'],
	capabilities: ApiCapabilities,
	name: string,
): Classification {
	const ways = classifications.filter((way) => possible(capabilities, way));
	if (wanted === 'auto') return ways[0] ?? 'answer';
	if (ways.includes(wanted)) return wanted;
	throw new UserError(
		`The server cannot classify by "${wanted}" with the model "${name}". It can by: ${ways.join(', ')}.`,
	);
}

const waysInWords: Readonly<Record<Classification, string>> = {
	log_probabilities: 'labels by the log-probabilities of first tokens',
	constrained: 'labels by an answer that can only be a label, without probabilities',
	answer: 'labels read from a free answer, without probabilities',
};

function described(
	name: string,
	server: string,
	wanted: ApiSettings['classify'],
	found: ApiCapabilities | null,
): string {
	const what = `${name} behind ${server}`;
	if (found === null) return `${what}; not asked yet what it can do`;
	const { topLogProbabilities: top, structuredOutput, dialect } = found;
	const way = wanted === 'auto' ? (classifications.find((one) => possible(found, one)) ?? 'answer') : wanted;
	return [
		`${what}: ${waysInWords[way]}${way === 'log_probabilities' ? ` (the ${top} most probable are reported)` : ''}`,
		structuredOutput ? 'answers can be restricted by a schema' : 'answers cannot be restricted',
		...(dialect.temperature ? [] : ['its temperature cannot be set, so answers may vary']),
		'no gradients, no attention; words are masked in the text, which the server tokenises anew',
	].join('; ');
}
