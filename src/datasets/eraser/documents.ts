/** The documents of an ERASER folder (DeYoung et al. 2020): `docs/<docid>` or `docs.jsonl`, words apart by spaces. */
import { existsSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { z } from 'zod';
import { messageOf, UserError } from '../../core/errors.ts';
import type { Span } from '../../core/example.ts';
import { memoize } from '../../core/memoize.ts';
import { RowProblem } from '../badRows.ts';
import { readRows, readText } from '../rawRows.ts';

export interface EraserText {
	/** Sentences apart by line feeds, words by one space. */
	readonly text: string;
	/** Where each token stands; null for the empty tokens that ERASER's loader of `docs.jsonl` counts. */
	readonly tokens: readonly (Span | null)[];
}

/** Returns the document of an id. Throws `RowProblem` for an id without a document. */
export type EraserDocuments = (docid: string) => EraserText;

/** ERASER calls the text `document`, others that kept its form `text`. */
const line = z.object({ docid: z.coerce.string(), document: z.string().optional(), text: z.string().optional() });

/** Returns the documents of a folder. Throws a `UserError` where it has neither form or both. */
export async function eraserDocuments(folder: string): Promise<EraserDocuments> {
	const [files, list] = [join(folder, 'docs'), join(folder, 'docs.jsonl')];
	if (existsSync(files) === existsSync(list)) {
		const found = existsSync(files) ? 'both' : 'neither';
		throw new UserError(`${folder}: an ERASER folder has its documents in "docs/" or in "docs.jsonl"; found ${found}.`);
	}
	return memoize(existsSync(files) ? documentFiles(files) : await documentLines(list));
}

/** ERASER strips the lines, and drops empty lines and tokens. */
function documentFiles(folder: string): EraserDocuments {
	return (docid) => {
		const path = resolve(folder, docid);
		if (!path.startsWith(resolve(folder) + sep) || !existsSync(path)) {
			throw new RowProblem('form', `document "${docid}" is not in ${folder}`);
		}
		const sentences = utf8In(path)
			.split('\n')
			.map((sentence) => sentence.trim().split(' '))
			.map((tokens) => tokens.filter((token) => token !== ''));
		return textOf(sentences);
	};
}

function utf8In(path: string): string {
	try {
		return readText(path);
	} catch (error) {
		throw new RowProblem('text', messageOf(error));
	}
}

/** ERASER strips the lines here too, but an empty line is one empty token. */
async function documentLines(file: string): Promise<EraserDocuments> {
	const documents = new Map<string, string>();
	const { rows, badRows } = await readRows(file);
	const [bad] = badRows;
	const unread = bad === undefined ? '' : ` (line ${bad.line} ${bad.problem})`;
	const twice = new Set<string>();
	for (const { line: number, cells } of rows) {
		const found = line.safeParse(Object.fromEntries(cells));
		const { docid = '', document = found.data?.text } = found.data ?? {};
		if (document === undefined)
			throw new UserError(`${file}:${number}: a document has "docid" and "document" or "text".`);
		if (documents.has(docid) && documents.get(docid) !== document) twice.add(docid);
		documents.set(docid, document);
	}
	return (docid) => {
		const document = documents.get(docid);
		if (document === undefined) throw new RowProblem('form', `document "${docid}" is not in ${file}${unread}`);
		if (twice.has(docid)) throw new RowProblem('id', `document "${docid}" stands in ${file} twice, with two texts`);
		return textOf(document.split('\n').map((sentence) => sentence.trim().split(' ')));
	};
}

function textOf(sentences: readonly (readonly string[])[]): EraserText {
	let text = '';
	const tokens: (Span | null)[] = [];
	for (const sentence of sentences) {
		const words = sentence.filter((token) => token.trim() !== '');
		if (text !== '' && words.length > 0) text += '\n';
		let isFirst = true;
		for (const token of sentence) {
			if (token.trim() === '') {
				tokens.push(null);
				continue;
			}
			if (!isFirst) text += ' ';
			isFirst = false;
			tokens.push({ start: text.length, end: text.length + token.length });
			text += token;
		}
	}
	return { text, tokens };
}
