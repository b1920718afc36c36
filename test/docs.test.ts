/** What the documents say exists: links, study files, commands, the code of the README. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { runCli } from '../src/cli/runCli.ts';
import type { TextExplanation } from '../src/records/explanation.ts';
import { runHere } from './cli/inMemory.ts';
import { parseConfig } from '../src/study/config/studyFile.ts';
import {
	anchorsOf,
	blocksOf,
	commandsOf,
	proseOf,
	root,
	type TextFile,
	textFiles,
	wordsOf,
} from './support/documents.ts';

const files = textFiles();
const documents = files.filter(({ path }) => path.endsWith('.md'));
const blocks = documents.flatMap(blocksOf);
const commands = documents.flatMap((document) => commandsOf(document).map((command) => ({ ...document, command })));

describe('links', () => {
	it.each(documents.map((document) => [document.path, document] as const))('%s', (path, document) => {
		const targets = [...proseOf(document).matchAll(/\]\(([^)\s]+)\)/gu)].map(([, target = '']) => target);
		const broken = targets.filter((target) => !target.startsWith('https://') && !resolves(document, target));
		expect(broken, path).toEqual([]);
	});
});

function resolves(document: TextFile, link: string): boolean {
	const [path = '', anchor] = link.split('#');
	const target = path === '' ? join(root, document.path) : join(root, dirname(document.path), path);
	if (!existsSync(target)) return false;
	return anchor === undefined || anchorsOf({ path: target, text: readFileSync(target, 'utf8') }).includes(anchor);
}

describe('study files', () => {
	const studies = blocks.filter(({ language }) => language === 'yaml');
	it.each(studies.map((block) => [`${block.path}:${block.line}`, block] as const))('%s', (where, { text }) => {
		expect(() => parseConfig(text, where)).not.toThrow();
	});

	it('name every key of the study file in its guide', () => {
		const guide = documents.find(({ path }) => path === 'docs/guides/study-file.md')?.text ?? '';
		const {
			study: _,
			place: _place,
			...keys
		} = parseConfig('models: [tiny-instruct]\ndatasets: [planted-bios]\n', 'study.yaml');
		expect(Object.keys(keys).filter((key) => !guide.includes(`\`${key}`))).toEqual([]);
	});
});

describe('commands', () => {
	const programs = commands.filter(({ command }) => /^(npx )?rationale /u.test(command) && !command.includes('…'));

	it.each(distinct(programs.map(({ command }) => command)))('%s', async (command) => {
		const [name = '', ...rest] = wordsOf(command.replace(/^(npx )?rationale /u, ''));
		const { code, text } = await helpOf(name);
		expect(code, text).toBe(0);
		const options = rest.filter((word) => word.startsWith('-') && word !== '-');
		expect(options.filter((option) => !new RegExp(`${option}\\b`, 'u').test(text))).toEqual([]);
		const files = rest.filter((word) => word.startsWith('examples/'));
		expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
	});

	it('name scripts that package.json has', () => {
		const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
		const named = commands.flatMap(({ command }) => /^npm run ([\w:]+)/u.exec(command)?.[1] ?? []);
		expect(distinct(named).filter((name) => !(name in scripts))).toEqual([]);
	});
});

async function helpOf(command: string): Promise<{ code: number; text: string }> {
	let text = '';
	const output = { columns: 120, write: (part: string) => (text += part) };
	const signal = new AbortController().signal;
	const surroundings = { stdin: nothing(), stdout: output, stderr: output, environment: {}, signal };
	return { code: await runCli([command, '--help'], surroundings), text };
}

async function* nothing(): AsyncGenerator<string> {}

it.skipIf(!existsSync(join(root, 'models/tiny-instruct/model.safetensors')))(
	'the first text that is explained shows words that flip the answer, by every method',
	async () => {
		const shown = ['README.md', 'docs/guides/quickstart.md', 'docs/guides/explain.md'].map((path) => {
			const [first = ''] = programsIn(path).filter((line) => line.includes(' explain "'));
			return first.replace(/^npx rationale /u, '');
		});
		const [command = '', ...others] = distinct(shown);
		expect(others).toEqual([]);
		const { code, out } = await runHere([...wordsOf(command), '--json'], {});
		const { methods } = JSON.parse(out) as TextExplanation;
		const flipping = ['attention', 'saliency.l2', 'prompt.unbound'].map((method) => [method, true]);
		expect([code, methods.map(({ method, flips }) => [method, flips])]).toEqual([0, flipping]);
	},
);

function programsIn(path: string): string[] {
	return commands.filter((command) => command.path === path).map(({ command }) => command);
}

describe('the TypeScript of the documents', () => {
	const programs = blocks.filter(({ language }) => language === 'ts');

	it
		.skipIf(!existsSync(join(root, 'models/tiny-instruct/model.safetensors')))
		.each(programs.map((block) => [`${block.path}:${block.line}`, block] as const))('%s runs', async (_, { text }) => {
		const folder = mkdtempSync(join(tmpdir(), 'docs-'));
		const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined);
		try {
			const file = join(folder, 'example.ts');
			writeFileSync(
				file,
				text.replaceAll(/'llm-rationale(?:\/(\w+))?'/gu, (_, entry = 'index') => `'${root}/src/api/${entry}.ts'`),
			);
			await import(pathToFileURL(file).href);
			expect(printed).toHaveBeenCalled();
		} finally {
			printed.mockRestore();
			rmSync(folder, { recursive: true });
		}
	});
});

it('no file names folders of the machine it was written on', () => {
	const elsewhere = /(?<![\w.~-])\/(?:work|home|root|Users)\/\w|\.\.\/shared\b/u;
	expect(files.filter(({ text }) => elsewhere.test(text)).map(({ path }) => path)).toEqual([]);
});

function distinct(values: readonly string[]): string[] {
	return [...new Set(values)];
}
