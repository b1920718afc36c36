/** `rationale pull`: models and data into the caches. */
import type { Command } from 'commander';
import { UserError } from '../../core/errors.ts';
import type { HubId } from '../../network/hub/hubId.ts';
import type { HubAccess } from '../../network/hub/repository.ts';
import type { CacheFolders, Source } from '../../network/sources/source.ts';
import { formatBytes, wrapText } from '../../terminal/layout.ts';
import type { Progress } from '../../terminal/progress.ts';
import type { Session } from '../session.ts';
import type { Environment } from '../../terminal/channel.ts';

interface Options {
	readonly json?: boolean;
	readonly quiet?: boolean;
}

const details = `
What can be fetched:
  org/name               a model of the hub; org/name@revision for a branch,
                         tag or commit, org/name:FILE.gguf for one file
  datasets/org/name      a dataset of the hub, also with @revision
  e-snli, fever, ...     a published dataset, from where its authors keep it
                         ("rationale datasets" lists them)
  https://...            files on the web; archives are unpacked
  study.yaml             what a study needs and is not here

Environment:
  HF_TOKEN          token for what is not open to everybody
  HF_HOME           folder of the cache (HF_HUB_CACHE: of models and datasets
                    alone)
  HF_ENDPOINT       another hub than https://huggingface.co
  HF_HUB_OFFLINE    1: use only what is here
  RATIONALE_CACHE   folder of files from other addresses, and of what was
                    unpacked

Examples:
  rationale pull Qwen/Qwen3-0.6B
  rationale pull e-snli fever
  rationale pull examples/paper.yaml`;

/** Adds the command. */
export function addPull(program: Command, session: Session): void {
	program
		.command('pull')
		.summary('fetch models and data')
		.description(
			'Fetches models and data into the caches: of the Hugging Face hub into its own, where other programs find them as ' +
				'well. Of a model only what is needed (config, tokenizer, safetensors). Stopped at any moment, the same command ' +
				'goes on; every file is checked by its hash. No other command fetches anything.',
		)
		.argument('<what...>', 'models, datasets, addresses or a study (below)')
		.option('--json', 'print what was fetched as JSON, a line for each')
		.option('-q, --quiet', 'print nothing but errors (and, with --json, the result)')
		.addHelpText('after', details)
		.action((what: string[], options: Options) => pullCommand(session, what, options));
}

/** One thing to fetch, by the name it was asked by. */
type Wanted =
	| { readonly name: string; readonly model: HubId }
	| { readonly name: string; readonly model?: undefined; readonly source: Source };

/** What came, or was here. */
interface Found {
	readonly folder: string;
	readonly fetched: number;
	readonly commit?: string | null;
	readonly files?: readonly object[];
	/** What the reader should know of the files, in words. */
	readonly notes: readonly string[];
}

async function pullCommand(session: Session, what: readonly string[], { json, quiet }: Options): Promise<void> {
	const { dataCaches } = await import('../environment.ts');
	const { environment, terminal } = session;
	const folders = dataCaches(environment);
	const wanted = await wantedOf(what, folders);
	if (wanted.length === 0 && quiet !== true) terminal.notes.lines(['All that the study needs is here.']);
	const { progress } = session;
	const access = await accessOf(session);
	const problems: string[] = [];
	for (const item of wanted) {
		try {
			const found = isOffline(environment)
				? await foundHere(item, folders)
				: await fetched(item, folders, access, progress).finally(progress.finish);
			if (json === true) terminal.out.lines([jsonOf(item, found)]);
			else if (quiet !== true) terminal.out.lines(described(item, found, session));
		} catch (error) {
			// What cannot be had keeps nothing else from coming.
			if (!(error instanceof UserError)) throw error;
			problems.push(error.message);
		}
	}
	if (problems.length > 0) throw new UserError(problems.join('\n'));
}

function jsonOf({ name, model }: Wanted, found: Found): string {
	const { notes: _, ...facts } = found;
	return JSON.stringify({ [model === undefined ? 'data' : 'model']: name, ...facts });
}

/** Returns what the arguments name; addresses belong together. */
async function wantedOf(what: readonly string[], caches: CacheFolders): Promise<Wanted[]> {
	const [{ PUBLISHED_DATASETS }, { isHubDataset, parseHubId }, { sourceOf }, { downloadsOf }] = await Promise.all([
		import('../../datasets/published/publishedDatasets.ts'),
		import('../../network/hub/hubId.ts'),
		import('../../network/sources/source.ts'),
		import('../../study/data/downloads.ts'),
	]);
	const isAddress = (name: string): boolean => name.includes('://');
	const addresses = what.filter(isAddress);
	const wanted: Wanted[] = addresses.length === 0 ? [] : [{ name: addresses.join(' '), source: sourceOf(addresses) }];
	for (const name of what.filter((own) => !isAddress(own))) {
		const published = Object.values(PUBLISHED_DATASETS).find(({ id }) => id === name);
		if (published !== undefined) wanted.push({ name, source: published.fetchFrom });
		else if (isHubDataset(name)) wanted.push({ name, source: sourceOf([name]) });
		else if (/\.ya?ml$/u.test(name)) {
			const { models, sources } = await downloadsOf(name, { caches });
			wanted.push(...sources, ...models.map((model) => ({ name: model, model: parseHubId(model) })));
		} else wanted.push({ name, model: hubModel(name, Object.keys(PUBLISHED_DATASETS), parseHubId) });
	}
	return wanted;
}

function hubModel(name: string, published: readonly string[], parse: (name: string) => HubId): HubId {
	if (name.includes('/')) return parse(name);
	throw new UserError(
		`"${name}" is nothing that can be fetched. Give org/name for a model of the hub (Qwen/Qwen3-0.6B), datasets/org/name ` +
			`for a dataset, an address (https://…), a study file, or a published dataset: ${published.join(', ')}.`,
	);
}

async function fetched(item: Wanted, folders: CacheFolders, access: HubAccess, progress: Progress): Promise<Found> {
	const tell = (file: string, have: number, total: number | null): void => {
		const name = total === null ? file : `${file}, ${formatBytes(total)}`;
		progress.update(name, Math.round(have / 2 ** 20), total === null ? 0 : Math.ceil(total / 2 ** 20));
	};
	if (item.model !== undefined) {
		const { pull } = await import('../../network/hub/pull.ts');
		const onProgress = ({ path, size }: { path: string; size: number }, have: number): void => tell(path, have, size);
		return { ...(await pull(item.model, { cache: folders.hub, access, onProgress })), notes: [] };
	}
	const { fetchSource } = await import('../../network/sources/fetchSource.ts');
	const found = await fetchSource(item.source, { folders, access, onProgress: tell });
	const first = found.files.filter(({ isKnown }) => !isKnown);
	const notes = first.map(
		({ from, hash }) =>
			`${from}: nobody has published its hash. SHA-256 ${hash} is kept: later downloads must have the same.`,
	);
	return { ...found, notes: found.fetched === 0 ? [] : notes };
}

async function foundHere(item: Wanted, folders: CacheFolders): Promise<Found> {
	const [{ cachedSnapshot }, { fetchedFolder }] = await Promise.all([
		import('../../network/hub/hubCache.ts'),
		import('../../network/sources/source.ts'),
	]);
	const folder =
		item.model === undefined ? fetchedFolder(item.source, folders) : cachedSnapshot(folders.hub, item.model);
	if (folder !== undefined) return { folder, fetched: 0, notes: [] };
	throw new UserError(
		`${item.name} is not here, and HF_HUB_OFFLINE forbids to fetch it. Unset that variable to go online.`,
	);
}

function described({ name }: Wanted, found: Found, { environment, terminal: { out } }: Session): string[] {
	const { colours, columns } = out;
	const what = isOffline(environment)
		? 'in the cache (HF_HUB_OFFLINE: nobody was asked)'
		: found.fetched === 0
			? 'was there already'
			: `${formatBytes(found.fetched)} fetched, ${filesChecked(found)}`;
	return [
		`${name}: ${what}`,
		...(found.commit == null ? [] : [`  commit ${found.commit}`]),
		...found.notes.flatMap((note) => wrapText(note, columns, 2)),
		`  ${colours.dim(found.folder)}`,
	];
}

function filesChecked({ files = [], notes }: Found): string {
	const checked = files.length - notes.length;
	const count = checked === 1 ? '1 file' : `${checked} files`;
	return notes.length > 0 && checked === 0
		? 'for the first time'
		: `${count} checked by ${checked === 1 ? 'its hash' : 'their hashes'}`;
}

async function accessOf({ environment, signal }: Session): Promise<HubAccess> {
	const { defaultRetryPolicy } = await import('../../network/request.ts');
	return { endpoint: endpointOf(environment), token: tokenOf(environment), retryPolicy: defaultRetryPolicy, signal };
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
