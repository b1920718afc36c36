/** A model behind an OpenAI-compatible server as a `LanguageModel`: labels and text, no gradients, no attention. */
import type { Need } from '../../core/declarations.ts';
import { answerProblems } from '../../core/answerProblem.ts';
import { UserError } from '../../core/errors.ts';
import type {
	ChatMessage,
	GeneratedTokens,
	LabelScores,
	LanguageModel,
	TokenIds,
	ListConstraint,
} from '../languageModel.ts';
import { labelThatBegins } from '../labelAnswers.ts';
import type { ApiSettings, Classification } from './apiSettings.ts';
import { characters, Pieces, renderTurns, turnHeads, turnsOf } from './chatText.ts';
import type { Answered, ApiClient } from './client.ts';
import { prefixScores, labelThatIsAPrefix, tokensToTellApart } from './labelPrefixes.ts';
import { type ApiCapabilities, strict } from './probe.ts';
import { type AnsweredToken, bodyOf, type ChatRequest, type Completion } from './protocol.ts';
import { parseLabel, quoted, unfinishedThought, withheld } from './parseLabel.ts';
import { itemTexts, listSchema, readList } from './wordLists.ts';

export interface RemoteModelOptions {
	readonly id: string;
	readonly identity: string;
	/** The server's name of the model. */
	readonly name: string;
	readonly client: ApiClient;
	readonly capabilities: ApiCapabilities;
	readonly classification: Classification;
	readonly extra: ApiSettings['extra'];
	/** Whether the server goes on where a last turn of the assistant ends. */
	readonly continues?: boolean;
}

/** Tokens of an answer that says a label, beside those of the label. */
const roomForLabel = 16;
/** Tokens without text that some models begin their answers with. */
const roomForBlanks = 4;

/** Returns the model. Its tokens are pieces of text; the server tokenises again, so masking changes text, not tokens. */
export function remoteModel(options: RemoteModelOptions): LanguageModel {
	const { id, identity, client, continues = false } = options;
	const pieces = new Pieces();
	const asking: Asking = { ...options, decode: (ids) => pieces.decode(ids) };
	return {
		id,
		identity,
		capabilities: needsMet(options),
		specialTokens: turnHeads,
		controlTokens: turnHeads,
		contextLength: Number.MAX_SAFE_INTEGER,
		encode: async (text) => pieces.encode(text),
		decode: async (ids) => pieces.decode(ids),
		renderChat: renderTurns,
		...(continues ? {} : { continuesAnswers: false }),
		scoreLabels: async (prompts, answers, { labelOf = [...answers.keys()], likeliest = 0, reasoning } = {}) => {
			const texts = answers.map((answer) => pieces.decode(answer));
			const labels = Array.from({ length: Math.max(...labelOf) + 1 }, (_, label) =>
				texts.filter((_text, a) => labelOf[a] === label),
			);
			const beside = { likeliest, roomForThought: reasoning?.tokens ?? 0 };
			return await allOf(prompts.map((prompt) => scoreLabels(asking, turnsOf(pieces.decode(prompt)), labels, beside)));
		},
		attribute: async () => notPossible(id, 'gradients and attention'),
		attributeByPasses: async () => notPossible(id, 'gradients and attention'),
		generate: async (prompts, { maxNewTokens, constraints, sampling, alternatives, reasoning }) => {
			if (sampling !== undefined || alternatives !== undefined) notPossible(id, 'sampling with reports');
			return await allOf(
				prompts.map(async (prompt, i): Promise<GeneratedTokens> => {
					const room = maxNewTokens + (reasoning?.tokens ?? 0);
					const found = await generate(asking, turnsOf(pieces.decode(prompt)), room, constraints?.[i]);
					if ('problem' in found) return { ids: [], ended: 'stop', problem: found.problem };
					const { thought } = found;
					const said =
						'text' in found
							? { ids: characters(found.text), ended: found.ended }
							: { ids: found.ids, ended: 'stop' as const };
					return reasoning === undefined || thought === undefined ? said : { ...said, thought };
				}),
			);
		},
		close: async () => client.close(),
	};
}

/** Waits for every answer, because those under way are paid for and kept; then throws the first failure. */
async function allOf<T>(answers: readonly Promise<T>[]): Promise<T[]> {
	await Promise.allSettled(answers);
	return await Promise.all(answers);
}

interface Asking extends RemoteModelOptions {
	readonly decode: (ids: TokenIds) => string;
}

function needsMet({ capabilities, classification }: RemoteModelOptions): ReadonlySet<Need> {
	return new Set<Need>([
		...(['generation', 'annotations', 'nothing'] as const),
		...(classification === 'log_probabilities' ? (['labelScores'] as const) : []),
		...(capabilities.structuredOutput ? (['constrainedGeneration'] as const) : []),
	]);
}

function notPossible(id: string, what: string): never {
	throw new UserError(`The model "${id}" is behind an API: it offers no ${what}.`);
}

/** The longest tokens of vocabularies that are in use are runs of 128 spaces. */
const longestToken = 128;

/** What is longer than the tokens that were asked for can be was sent by a server that knows no limit; it is cut there. */
async function ask({ client, name, capabilities, extra }: Asking, request: ChatRequest): Promise<Answered> {
	const answer = await client.chat(bodyOf(name, request, capabilities.dialect, extra));
	const most = request.maxTokens * longestToken;
	if ('problem' in answer || answer.text.length <= most) return answer;
	return { ...answer, text: answer.text.slice(0, most), finish: 'length' };
}

interface AskedBeside {
	/** How many of the likeliest first tokens to tell. */
	readonly likeliest: number;
	/** Tokens of a thought before the label; 0 for none. */
	readonly roomForThought: number;
}

/** `spellings` [C]: what counts as an answer for each label, its own spelling first. */
async function scoreLabels(
	asking: Asking,
	messages: readonly ChatMessage[],
	spellings: readonly (readonly string[])[],
	options: AskedBeside,
): Promise<LabelScores> {
	const { roomForThought } = options;
	if (asking.classification === 'log_probabilities') {
		return await scoreByPrefixes(asking, messages, spellings, options);
	}
	const labels = namesOf(spellings);
	const nothing = { logProbabilities: labels.map(() => Number.NaN), mass: Number.NaN };
	const isConstrained = asking.classification === 'constrained';
	const schema = isConstrained
		? strict({ type: 'object', properties: { label: { type: 'string', enum: [...labels] } } } as { properties: object })
		: null;
	const maxTokens = roomForThought + roomForLabel + Math.max(...labels.map((label) => label.length));
	const answer = await ask(asking, { messages, maxTokens, topLogProbabilities: 0, schema });
	if ('problem' in answer) return { ...nothing, ...answer };
	return { ...nothing, ...parseLabel(answer, labels), ...(roomForThought === 0 ? {} : thoughtOf(answer)) };
}

function thoughtOf({ thought }: Pick<Completion, 'thought'>): Pick<LabelScores, 'thought'> {
	return thought === '' ? {} : { thought: { text: thought } };
}

function namesOf(spellings: readonly (readonly string[])[]): string[] {
	return spellings.map(([first = '']) => first.trim());
}

async function scoreByPrefixes(
	asking: Asking,
	messages: readonly ChatMessage[],
	spellings: readonly (readonly string[])[],
	{ likeliest, roomForThought }: AskedBeside,
): Promise<LabelScores> {
	const labels = namesOf(spellings);
	const nothing = { logProbabilities: labels.map(() => Number.NaN), mass: Number.NaN };
	requireDifferentPrefixes(labels);
	const { topLogProbabilities } = asking.capabilities;
	const askFor = (maxTokens: number): ReturnType<typeof ask> =>
		ask(asking, { messages, maxTokens, topLogProbabilities, schema: null });
	const needed = roomForThought + tokensToTellApart(labels);
	const once = await askFor(needed);
	const answer = isBlank(once) ? await askFor(needed + roomForBlanks) : once;
	if ('problem' in answer) return { ...nothing, problem: answer.problem };
	const thought = roomForThought === 0 ? {} : thoughtOf(answer);
	if (answer.isThoughtUnfinished) return { ...nothing, ...thought, problem: unfinishedThought(answer) };
	const [first] = answer.tokens;
	if (first === undefined || first.top_logprobs.length === 0) {
		const problem = withheld(answer);
		if (problem !== null) return { ...nothing, problem };
		throw new UserError(
			`${asking.client.server}: the model "${asking.name}" gave log-probabilities when it was tried, and gives none now. ` +
				'Set "classify: constrained" or "classify: answer" for it.',
		);
	}
	const { logProbabilities, found } = prefixScores(answer.tokens, spellings);
	if (found.some((one) => one)) {
		return { logProbabilities, mass: massOf(logProbabilities, found), ...likeliestOf(first, likeliest), ...thought };
	}
	const detail =
		`no label begins with one of the ${topLogProbabilities} most probable tokens, the first of which is ${quoted(first.token)}; ` +
		'"classify: constrained" or "answer" may do better';
	return { ...nothing, problem: { kind: answerProblems.free_text, detail } };
}

/** Whether an answer is cut off before anything but space and line feeds came. */
function isBlank(answer: Answered): boolean {
	if ('problem' in answer) return false;
	const { tokens, text, finish, isThoughtUnfinished } = answer;
	return tokens.length > 0 && text.trim() === '' && finish !== 'stop' && !isThoughtUnfinished;
}

function requireDifferentPrefixes(labels: readonly string[]): void {
	const label = labelThatIsAPrefix(labels);
	if (label !== undefined) throw labelThatBegins(label);
}

/** Servers list the most probable tokens in any order, and some of them twice. */
function likeliestOf({ top_logprobs: top }: AnsweredToken, count: number): Pick<LabelScores, 'likeliest'> {
	if (count === 0) return {};
	const byText = new Map(top.map(({ token, logprob }) => [token, logprob]));
	const listed = [...byText].map(([text, logProbability]) => ({ text, logProbability }));
	return { likeliest: listed.toSorted((a, b) => b.logProbability - a.logProbability).slice(0, count) };
}

function massOf(logProbabilities: readonly number[], found: readonly boolean[]): number {
	return Math.min(
		1,
		logProbabilities.reduce((sum, value, c) => sum + (found[c] === true ? Math.exp(value) : 0), 0),
	);
}

type Generated =
	| ({ readonly text: string; readonly ended: GeneratedTokens['ended'] } & Pick<GeneratedTokens, 'thought'>)
	| ({ readonly ids: TokenIds } & Pick<GeneratedTokens, 'thought'>)
	| Required<Pick<GeneratedTokens, 'problem'>>;

async function generate(
	asking: Asking,
	messages: readonly ChatMessage[],
	maxTokens: number,
	constraint: ListConstraint | undefined,
): Promise<Generated> {
	const texts = constraint === undefined ? [] : itemTexts(constraint, asking.decode);
	const schema = constraint === undefined ? null : listSchema(texts, constraint.most);
	const answer = await ask(asking, { messages, maxTokens, topLogProbabilities: 0, schema });
	if ('problem' in answer) return answer;
	if (constraint !== undefined) return { ...readList(answer, constraint, texts), ...thoughtOf(answer) };
	const problem = withheld(answer);
	if (problem !== null && problem.kind !== answerProblems.empty) return { problem };
	return { text: answer.text, ended: answer.finish === 'length' ? 'length' : 'stop', ...thoughtOf(answer) };
}
