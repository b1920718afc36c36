/** The folders of `src/`, from the ground up, and whom each may import. docs/ARCHITECTURE.md shows this table. */

/** A folder of `src/`, or a file that stands there alone. */
export interface FolderRow {
	/** Below `src/`, without a slash at the end for a file. */
	readonly folder: string;
	readonly holds: string;
	/** Rows whose files it may import; `all` stands for every row above it. */
	readonly imports: readonly string[] | 'all';
	/** Of these rows it may import types only. */
	readonly typesOnly?: readonly string[];
	/** Of these rows it may import nothing but the files named. */
	readonly filesOnly?: Readonly<Record<string, readonly string[]>>;
	/** Folders inside it, from the ground up: each step may import what stands on steps before it. Files of the folder itself count as `.`. */
	readonly order?: readonly (readonly string[])[];
}

export const importTable: readonly FolderRow[] = [
	{
		folder: 'core/',
		holds: 'example, task, score, declarations, errors, ids, seeded random numbers',
		imports: [],
	},
	{
		folder: 'files/',
		holds: 'whole writes, JSON lines with a torn end, the lock of a folder, YAML checked by a schema',
		imports: ['core/'],
	},
	{
		folder: 'network/',
		holds: 'HTTP with retries, `hub/`, `sources/` (where data comes from), `archive/` (unpacking)',
		imports: ['core/', 'files/'],
	},
	{
		folder: 'engine/',
		holds:
			'numbers, and no language: `graph/` (operations and their tables, gradients), `nn/` (blocks), `onnx/` (emission, session)',
		imports: ['core/'],
		order: [['graph'], ['nn'], ['onnx']],
	},
	{
		folder: 'evaluation/',
		holds: '`prediction/`, `alignment/`, `faithfulness/`: a file per metric; collapse; `statistics/`',
		imports: ['core/'],
	},
	{
		folder: 'llm/',
		holds:
			'one interface (`languageModel.ts`) and the two ways to have a model: local (all folders but one) and `remote/`',
		imports: ['core/', 'files/', 'network/', 'engine/'],
	},
	{
		folder: 'datasets/',
		holds:
			'bundled (`planted/`), published (`published/`, `eraser/`) and one’s own data: rows to examples with human spans',
		imports: ['core/', 'network/'],
	},
	{
		folder: 'prompts/',
		holds: 'versioned wordings, each with the parser of its answer; the place of every word in a prompt',
		imports: ['core/', 'llm/'],
	},
	{
		folder: 'rationales/',
		holds: 'which methods there are: `perturbation/`, `prompting/`, `reference/`; selections, maskings, targets',
		imports: ['core/', 'llm/', 'prompts/'],
	},
	{
		folder: 'training/',
		holds: 'fine-tuning: losses, AdamW, LoRA, the loop, checkpoints',
		imports: ['core/', 'engine/', 'llm/', 'prompts/', 'datasets/'],
		filesOnly: { 'datasets/': ['datasets/sample.ts'] },
	},
	{
		folder: 'records/',
		holds: 'what was found: types of records, of the summary and of one explained text; their lines; the store',
		imports: ['core/', 'files/', 'evaluation/', 'rationales/'],
		typesOnly: ['evaluation/', 'rationales/'],
	},
	{
		folder: 'explain/',
		holds:
			'one model and some examples to the records of a chunk; one text to its explanation (`text/`); `masked/` asks about masked prompts',
		imports: ['core/', 'llm/', 'prompts/', 'rationales/', 'evaluation/', 'records/'],
	},
	{
		folder: 'summary/',
		holds: 'records to numbers; pure',
		imports: ['core/', 'evaluation/', 'rationales/', 'records/'],
	},
	{
		folder: 'study/',
		holds:
			'study file to records: `config/`, `data/`, `models/`, `plan/`, then `openStudy.ts`, then `run/` and `estimate/`',
		imports: [
			'core/',
			'files/',
			'network/',
			'engine/',
			'evaluation/',
			'llm/',
			'datasets/',
			'prompts/',
			'rationales/',
			'training/',
			'records/',
			'explain/',
		],
		order: [['config'], ['data', 'models'], ['plan'], ['.'], ['run', 'estimate']],
	},
	{
		folder: 'interchange/',
		holds: 'tables and ERASER folders out, predictions of others in',
		imports: ['core/', 'files/', 'datasets/', 'evaluation/', 'records/', 'summary/'],
	},
	{
		folder: 'report/',
		holds: 'numbers to tables, figures and pages; pure',
		imports: ['core/', 'records/', 'evaluation/'],
	},
	{
		folder: 'terminal/',
		holds: 'the same for a terminal: columns, colours, progress',
		imports: ['core/', 'rationales/', 'records/', 'report/', 'study/'],
		typesOnly: ['study/'],
	},
	{
		folder: 'finishedStudy.ts',
		holds: 'whether a study has anything left to do',
		imports: 'all',
	},
	{
		folder: 'runStudy.ts',
		holds: 'the one place that knows the whole sequence: study file in; records, summary, report out',
		imports: 'all',
	},
	{
		folder: 'server/',
		holds: '`openai/`: the OpenAI protocol around a model: check, call, answer',
		imports: 'all',
	},
	{ folder: 'cli/', holds: 'parse, call, show', imports: 'all' },
	{
		folder: 'testing/',
		holds: 'a fake model, and the promises that every method, metric and family keeps',
		imports: ['core/', 'engine/', 'evaluation/', 'llm/', 'rationales/', 'explain/'],
	},
	{ folder: 'api/', holds: 'the entry points of the package: what others may rely on', imports: 'all' },
];

/** Packages that one file alone may import. */
export const packagesOfOneFile: Readonly<Record<string, string>> = {
	'onnxruntime-node': 'engine/onnx/session.ts',
};

/** Most source files of a folder; more where all are leaves of one kind. */
export const mostFiles = { folder: 20, leaves: 30 } as const;

/** Folders whose files are leaves of one kind. */
export const foldersOfLeaves: readonly string[] = ['llm/attribution', 'llm/models', 'report/sections'];
