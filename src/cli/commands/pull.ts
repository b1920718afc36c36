/** `rationale pull`: a model of the hub into the cache. */
import type { Command } from 'commander';
import { UserError } from '../../core/errors.ts';
import type { HubId } from '../../network/hub/hubId.ts';
import { formatBytes } from '../layout.ts';
import { createProgress, silentProgress } from '../progress.ts';
import type { Session } from '../session.ts';
import type { Environment } from '../terminal.ts';

interface Options {
	readonly json?: boolean;
	readonly quiet?: boolean;
}

const variables = `
Environment:
  HF_TOKEN          token for models that are not open to everybody
  HF_HOME           folder of the cache (HF_HUB_CACHE: of its models alone)
  HF_ENDPOINT       another hub than https://huggingface.co
  HF_HUB_OFFLINE    1: use only what is in the cache

Examples:
  rationale pull Qwen/Qwen3-0.6B
  rationale explain --model Qwen/Qwen3-0.6B --labels positive,negative "A dull film."`;

/** Adds the command. */
export function addPull(program: Command, session: Session): void {
	program
		.command('pull')
		.summary('fetch a model of the Hugging Face hub')
		.description(
			'Fetches the files a model needs (config, tokenizer, safetensors) into the Hugging Face cache, where other ' +
				'programs find them as well. Stopped at any moment, the same command goes on; every file is checked by its hash.',
		)
		.argument('<model>', 'org/name, or org/name@revision')
		.option('--json', 'print what was fetched as JSON')
		.option('-q, --quiet', 'print nothing but errors (and, with --json, the result)')
		.addHelpText('after', variables)
		.action((model: string, options: Options) => pullCommand(session, model, options));
}

async function pullCommand(session: Session, model: string, { json, quiet }: Options): Promise<void> {
	const [{ parseHubId }, { hubCacheFolder, cachedSnapshot }, { pull }, { defaultPatience }] = await Promise.all([
		import('../../network/hub/hubId.ts'),
		import('../../network/hub/hubCache.ts'),
		import('../../network/hub/pull.ts'),
		import('../../network/request.ts'),
	]);
	const { environment, signal, terminal } = session;
	const id = parseHubId(model);
	const cache = hubCacheFolder(environment);
	if (isOffline(environment)) return tellOffline(session, id, cachedSnapshot(cache, id), json === true);
	const progress = quiet === true ? silentProgress() : createProgress(terminal.notes, session.now);
	const access = { endpoint: endpointOf(environment), token: tokenOf(environment), patience: defaultPatience, signal };
	const onProgress = ({ path, size }: { path: string; size: number }, bytes: number): void =>
		progress.update(`${path}, ${formatBytes(size)}`, Math.round(bytes / 2 ** 20), Math.ceil(size / 2 ** 20));
	const found = await pull(id, { cache, access, onProgress }).finally(progress.finish);
	if (json === true) return terminal.out.lines([JSON.stringify({ model, ...found }, null, '\t')]);
	if (quiet === true) return;
	const what =
		found.fetched === 0
			? 'was there already'
			: `${formatBytes(found.fetched)} fetched, ${found.files.length} files checked by their hashes`;
	terminal.out.lines([`${model}: ${what}`, `  commit ${found.commit}`, `  ${terminal.out.colours.dim(found.folder)}`]);
}

function tellOffline({ terminal: { out } }: Session, id: HubId, folder: string | undefined, json: boolean): void {
	const { repository, revision } = id;
	if (folder === undefined) {
		throw new UserError(
			`${repository}@${revision} is not in the cache, and HF_HUB_OFFLINE forbids to fetch it. Unset that variable to go online.`,
		);
	}
	if (json) out.lines([JSON.stringify({ model: `${repository}@${revision}`, folder, fetched: 0 }, null, '\t')]);
	else out.lines([`${repository}@${revision}: in the cache (HF_HUB_OFFLINE: the hub was not asked)`, `  ${folder}`]);
}

function isOffline({ HF_HUB_OFFLINE: offline = '' }: Environment): boolean {
	return ['1', 'true', 'yes', 'on'].includes(offline.toLowerCase());
}

function tokenOf({ HF_TOKEN: token, HUGGING_FACE_HUB_TOKEN: older }: Environment): string | null {
	return token?.trim() || older?.trim() || null;
}

function endpointOf({ HF_ENDPOINT: endpoint = '' }: Environment): string {
	const text = endpoint.trim() || 'https://huggingface.co';
	if (URL.canParse(text) && /^https?:$/u.test(new URL(text).protocol)) return text.replace(/\/+$/u, '');
	throw new UserError(`HF_ENDPOINT: "${text}" is no address. Give one like https://huggingface.co.`);
}
