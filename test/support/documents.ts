/** The documents of this repository, as its tests read them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** Installed, built or computed: not ours to check. */
const skipped = new Set(['.git', 'node_modules', 'dist', 'runs', 'coverage']);
const textFile = /\.(md|ts|js|json|jsonl|yaml|yml|csv|tsv|cff|txt|sh|npmrc|gitignore)$|(^|\/)(LICENSE|run)$/u;

/** A text file; `path` is relative to the repository. */
export interface TextFile {
	readonly path: string;
	readonly text: string;
}

/** Some lines between two fences. */
export interface Block {
	readonly path: string;
	/** Line of the opening fence. */
	readonly line: number;
	readonly language: string;
	readonly text: string;
}

/** Returns the text files of the repository. */
export function textFiles(folder = root): TextFile[] {
	return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) return skipped.has(entry.name) ? [] : textFiles(path);
		const name = relative(root, path).replaceAll('\\', '/');
		return textFile.test(name) ? [{ path: name, text: readFileSync(path, 'utf8') }] : [];
	});
}

/** Returns the fenced blocks of a document. */
export function blocksOf({ path, text }: TextFile): Block[] {
	return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gmsu)].map((match) => ({
		path,
		line: text.slice(0, match.index).split('\n').length,
		language: match[1] ?? '',
		text: match[2] ?? '',
	}));
}

/** Returns a document without its fenced blocks. */
export function proseOf({ text }: TextFile): string {
	return text.replaceAll(/^```\w*\n.*?^```$/gmsu, '');
}

/** Returns the anchors that a page gives its headings. */
export function anchorsOf({ text }: TextFile): string[] {
	return [...text.matchAll(/^#+ (.*)$/gmu)].map(([, title = '']) =>
		title
			.toLowerCase()
			.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
			.trim()
			.replaceAll(' ', '-'),
	);
}

/** Returns the command lines of a document, in its `sh` blocks and in code within the text. */
export function commandsOf(document: TextFile): string[] {
	const shell = blocksOf(document).filter(({ language }) => language === 'sh');
	const lines = shell.flatMap(({ text }) => text.split('\n'));
	const inline = [...proseOf(document).matchAll(/`([^`\n]+)`/gu)].map(([, code = '']) => code);
	return [...lines, ...inline].flatMap((line) => line.split(/ (?:&&|\|) /u)).map((command) => command.trim());
}

/** Returns the words of a command, quotes removed. */
export function wordsOf(command: string): string[] {
	return [...command.matchAll(/(?:[^\s"]|"[^"]*")+/gu)].map(([word]) => word.replaceAll('"', ''));
}
