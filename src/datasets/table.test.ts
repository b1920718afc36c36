import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { DuckDBInstance } from '@duckdb/node-api';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../core/errors.ts';
import { annotatedWords, exampleWords, type Example } from '../core/example.ts';
import { readTable, type Table, type TableOptions } from './table.ts';
import { tableSpec, type TableInput } from './tableSpec.ts';

const folder = mkdtempSync(join(tmpdir(), 'table-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, content: string | Uint8Array): string {
	const path = join(folder, name);
	writeFileSync(path, content);
	return path;
}

const read = (input: TableInput, options: Partial<TableOptions> = {}): Promise<Table> =>
	readTable(tableSpec(input, 'study.yaml'), { seed: 0, onBadRow: 'stop', ...options });

const markedWords = (example: Example | undefined, annotation = 0): string[] => {
	const marked = example?.annotations[annotation];
	if (example === undefined || marked === undefined) return [];
	return annotatedWords(example, marked).map((number) => exampleWords(example)[number]?.text ?? '');
};

const problems = (table: Table): string[] => table.badRows.map(({ line, problem }) => `${line}: ${problem}`);

describe('CSV', () => {
	it('reads headers, quotes, embedded newlines, a byte order mark and mixed line ends', async () => {
		const path = written(
			'a.csv',
			'\ufeffsentence,label\r\n"Good, he said.",pos\r\n\r\n"two\nlines ""here""",neg\nx y,pos\n',
		);
		const { examples, labels } = await read({ path, text: 'sentence', label: 'label' });
		expect(examples.map(({ id }) => id)).toEqual(['a-2', 'a-4', 'a-6']);
		expect(examples.map(({ segments }) => segments[0]?.text)).toEqual(['Good, he said.', 'two\nlines "here"', 'x y']);
		expect(labels).toEqual(['pos', 'neg']);
		expect(examples[0]?.annotations).toEqual([]);
	});

	it('reads several segments, and tabs', async () => {
		const path = written('b.tsv', 'id\tP\tH\n7\ta b\tc\n');
		const { examples } = await read({ path, id: 'id', segments: { premise: 'P', hypothesis: 'H' } });
		expect(examples).toEqual([
			{
				id: '7',
				label: null,
				annotations: [],
				segments: [
					{
						name: 'premise',
						text: 'a b',
						words: [
							{ start: 0, end: 1 },
							{ start: 2, end: 3 },
						],
					},
					{ name: 'hypothesis', text: 'c', words: [{ start: 0, end: 1 }] },
				],
			},
		]);
	});

	it('collects rows with another number of fields, empty cells, unknown labels and taken ids', async () => {
		const path = written('c.csv', 'id,t,l\n1,one,pos\n2,two\n3,,neg\n4,"four\nlines",posi\n1,again,neg\n6,six,neg\n');
		const table = await read({ path, id: 'id', text: 't', label: 'l', labels: ['pos', 'neg'] }, { onBadRow: 'skip' });
		expect(table.examples.map(({ id }) => id)).toEqual(['1', '6']);
		expect(problems(table)).toEqual([
			'3: has 2 fields; the header has 3',
			'4: column "t" is empty',
			'5: unknown label "posi" (meant "pos"?); the labels are pos, neg',
			'7: id "1" is taken by line 2',
		]);
	});

	it('stops with the first ten problems of rows', async () => {
		const path = written('d.csv', `t,l\n${Array.from({ length: 12 }, (_, i) => `x,${i}\n`).join('')}`);
		const message = [
			`${path}: 12 rows cannot be used (label 12).`,
			...Array.from({ length: 10 }, (_, i) => `  ${path}:${i + 2}: unknown label "${i}"; the labels are yes, no`),
			'  and 2 more',
			'No row is left.',
		].join('\n');
		const options = { path, text: 't', label: 'l', labels: ['yes', 'no'] };
		await expect(read(options)).rejects.toThrow(new UserError(message));
		await expect(read(options, { onBadRow: 'skip' })).rejects.toThrow('No row is left.');
	});

	it('samples by label', async () => {
		const path = written('e.csv', `t,l\n${'x,pos\nx,pos\nx,neg\n'.repeat(10)}`);
		const { examples } = await read({ path, text: 't', label: 'l' }, { limit: 6 });
		expect(examples).toHaveLength(6);
		expect(examples.filter(({ label }) => label === 'neg')).toHaveLength(2);
	});
});

describe('JSON Lines', () => {
	it('reads objects and collects other lines', async () => {
		const path = written(
			'a.jsonl',
			'{"t":"a b c","l":1,"r":[0,1,1]}\n\nnonsense\n[1]\n{"t":{"x":1},"l":0}\n{"l":0}\n{"t":["x y.","z"],"l":0}\n',
		);
		const rationale = { column: 'r', form: 'binary_words' } as const;
		const table = await read({ path, text: 't', label: 'l', rationale }, { onBadRow: 'skip' });
		expect(table.examples.map(({ id, label }) => [id, label])).toEqual([
			['a-1', '1'],
			['a-7', '0'],
		]);
		expect(table.examples[1]?.segments[0]?.text).toBe('x y. z');
		expect(markedWords(table.examples[0])).toEqual(['b', 'c']);
		expect(problems(table)).toEqual([
			'3: is not a JSON object',
			'4: is not a JSON object',
			'5: column "t" holds no text but {"x":1}',
			'6: column "t" is empty',
		]);
	});

	it('says so where no line is an object', async () => {
		const path = written('b.jsonl', 'nonsense\n');
		await expect(read({ path, text: 't' })).rejects.toThrow(`${path}:1: is not a JSON object`);
	});
});

describe('rationales', () => {
	const rows = (cells: readonly unknown[], text = 'one two three') =>
		cells.map((r) => JSON.stringify({ t: text, r })).join('\n');
	const readForm = (form: 'binary_words' | 'word_indices' | 'marked_spans' | 'char_spans', content: string) =>
		read(
			{ path: written(`${form}.jsonl`, content), text: 't', rationale: { column: 'r', form } },
			{ onBadRow: 'skip' },
		);

	it('binary_words', async () => {
		const table = await readForm(
			'binary_words',
			rows(['[0, 1, 1]', '1 0 0', [0, 0, 0], '', '[0, 1]', '[1, 0, 2]', 'two']),
		);
		expect(table.examples.map((example) => markedWords(example))).toEqual([['two', 'three'], ['one'], [], []]);
		expect(table.examples.map(({ annotations }) => annotations.length)).toEqual([1, 1, 1, 0]);
		expect(problems(table)).toEqual([
			'5: rationale has 2 values; the text has 3 words',
			'6: rationale has values other than 0 and 1: "[1, 0, 2]"',
			'7: rationale is no list of numbers: "two"',
		]);
	});

	it('word_indices', async () => {
		const table = await readForm('word_indices', rows(['[2, 0]', '1', '{}', [1, 1], '[3]', '[-1]', '[0.5]']));
		expect(table.examples.map((example) => markedWords(example))).toEqual([['one', 'three'], ['two'], [], ['two']]);
		expect(problems(table)).toEqual([
			'5: rationale names word 3; the text has words 0 to 2',
			'6: rationale names word -1; the text has words 0 to 2',
			'7: rationale names word 0.5; the text has words 0 to 2',
		]);
	});

	it('marked_spans: no mark, all marked, punctuation, literal asterisk, mismatch', async () => {
		const text = 'A 2*3  *grid*, seen.';
		const marked = [
			text,
			'*A* *2*3* **grid*,* *seen.*',
			'A 2*3 *grid*, *seen*.',
			'A 2*3 *grid*, *seen',
			'A 2*3 *grid*, heard.',
			'A 2*3 *grid*,',
		];
		const table = await readForm('marked_spans', rows(marked, text));
		expect(table.examples.map((example) => markedWords(example))).toEqual([
			[],
			['A', '2*3', '*grid*,', 'seen.'],
			['seen.'],
		]);
		const spans = table.examples[2]?.annotations[0]?.spans.map(({ span }) => text.slice(span.start, span.end));
		expect(spans).toEqual(['seen']);
		expect(problems(table)).toEqual([
			'4: marked text has an asterisk without its pair',
			'5: marked text differs from the text at "heard."',
			'6: marked text ends before " seen."',
		]);
	});

	it('char_spans, in code units or code points', async () => {
		const table = await readForm(
			'char_spans',
			rows(['[[0, 3], [8, 13]]', [[4, 5]], '[[4, 14]]', '[[3, 3]]', '[1, 2]', '{}']),
		);
		expect(table.examples.map((example) => markedWords(example))).toEqual([['one', 'three'], ['two']]);
		expect(problems(table)).toEqual([
			'3: rationale has the span [4, 14]; the text has 13 characters',
			'4: rationale has the span [3, 3]; the text has 13 characters',
			'5: rationale is no list of [start, end]: "[1, 2]"',
			'6: rationale is no list of [start, end]: "{}"',
		]);
		const path = written('points.jsonl', '{"t":"😀 b cd","r":[[2,3]]}');
		const rationale = { column: 'r', form: 'char_spans' } as const;
		expect(
			markedWords((await read({ path, text: 't', rationale: { ...rationale, unit: 'code_points' } })).examples[0]),
		).toEqual(['b']);
		await expect(read({ path, text: 't', rationale })).rejects.toThrow('span [2, 3], where the text has no word');
		const units = written('units.jsonl', '{"t":"😀 b cd","r":[[3,4]]}');
		expect(markedWords((await read({ path: units, text: 't', rationale })).examples[0])).toEqual(['b']);
	});

	it('of several segments and annotators in one row', async () => {
		const path = written('esnli.csv', 'p,h,p1,h1,h2\na b,c d,*a* b,c *d*,*c* d\n');
		const marked = (column: string, segment: string, annotator: string) =>
			({ column, form: 'marked_spans', segment, annotator }) as const;
		const { examples } = await read({
			path,
			segments: { premise: 'p', hypothesis: 'h' },
			rationale: [marked('p1', 'premise', 'A'), marked('h1', 'hypothesis', 'A'), marked('h2', 'hypothesis', 'B')],
		});
		expect(examples[0]?.annotations.map(({ annotator }) => annotator)).toEqual(['A', 'B']);
		expect(markedWords(examples[0], 0)).toEqual(['a', 'd']);
		expect(markedWords(examples[0], 1)).toEqual(['c']);
	});
});

describe('groupBy', () => {
	const rationale = { column: 'r', form: 'word_indices' } as const;
	const grouped = { text: 't', label: 'l', rationale, groupBy: 'g' } as const;

	it('makes one example of rows about one text, with the label and annotations of most rows', async () => {
		const path = written('g.csv', 'g,t,l,r,who\n1,a b,pos,0,X\n2,c d,neg,1,X\n1,a b,pos,1,Y\n1,a b,neg,0,Z\n');
		const table = await read({ path, ...grouped, annotator: 'who' });
		expect(table.examples.map(({ id, label }) => [id, label])).toEqual([
			['g-1', 'pos'],
			['g-2', 'neg'],
		]);
		expect(table.examples[0]?.annotations.map(({ annotator }) => annotator)).toEqual(['X', 'Y']);
		expect(table.annotationsLeftOut).toBe(1);
		const unnamed = (await read({ path, ...grouped })).examples[0]?.annotations.map(({ annotator }) => annotator);
		expect(unnamed).toEqual(['annotator 1', 'annotator 2']);
	});

	it('finds texts that differ and labels without a majority', async () => {
		const path = written('h.csv', 'g,t,l,r\n1,a b,pos,0\n1,a c,pos,0\n2,c d,neg,1\n2,c d,pos,1\n3,e,neg,0\n');
		expect(problems(await read({ path, ...grouped }, { onBadRow: 'skip' }))).toEqual([
			'3: text differs from line 2, which has the same group "1"',
			'4: the rows of this text do not agree on a label: neg 1, pos 1',
		]);
	});
});

describe('files and descriptions that are wrong', () => {
	it('name the file, the column or the key', async () => {
		const path = written('w.csv', 'sentence,label\nx,y\n');
		await expect(read({ path, text: 'sentense' })).rejects.toThrow(
			`${path}: unknown column "sentense". Did you mean "sentence"? Known: sentence, label.`,
		);
		await expect(read({ path: written('empty.csv', ''), text: 't' })).rejects.toThrow('empty.csv: has no rows');
		await expect(read({ path: written('head.csv', 'a,b\n'), text: 'a' })).rejects.toThrow('head.csv: has no rows');
		await expect(read({ path: join(folder, 'none.csv'), text: 't' })).rejects.toThrow(
			/none\.csv: cannot be read \(ENOENT/u,
		);
		await expect(read({ path: written('x.xlsx', ''), text: 't' })).rejects.toThrow(
			'Known: .csv, .tsv, .jsonl, .ndjson, .parquet.',
		);
		await expect(read({ path: written('twice.csv', 'a,a\n1,2\n'), text: 'a' })).rejects.toThrow(
			'two columns are called "a"',
		);
		await expect(read({ path: written('quote.csv', 'a\n"x\n'), text: 'a' })).rejects.toThrow(
			/quote\.csv:2: a quotation mark opens a field here and is never closed/u,
		);
		const latin1 = Buffer.from('a,b\nx,\u00e9\n', 'latin1');
		await expect(read({ path: written('latin.csv', latin1), text: 'a' })).rejects.toThrow('latin.csv:2: is not UTF-8');
	});

	it('one problem of many rows is one line, and skipping all rows is no advice', async () => {
		const rows = Array.from({ length: 40 }, (_, i) => `text ${i},never`).join('\n');
		const options = { text: 't', label: 'l', labels: ['yes', 'no'] };
		const message = async (content: string): Promise<string> => {
			const path = written('many.csv', `t,l\n${content}\n`);
			return read({ path, ...options }).then(
				() => '',
				(error: unknown) => (error as Error).message,
			);
		};
		const all = await message(rows);
		expect(all.split('\n')).toHaveLength(3);
		expect(all).toMatch(
			/many\.csv:2: unknown label "never".*; so in 40 rows: 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …\nNo row is left\.$/u,
		);
		expect(await message(`${rows}\nfine,yes\n,yes`)).toMatch(/: column "t" is empty\nMend them, or leave them out/u);
	});

	it('columns apart by semicolons are told as such, commas within the texts or not', async () => {
		for (const text of ['dull;no', 'dull, long;no', 'dull, long, bad;no\nfine, short;yes']) {
			const path = written('semicolons.csv', `text;label\n${text}\n`);
			await expect(read({ path, text: 'text', label: 'label' })).rejects.toThrow(
				'semicolons.csv:1: its columns are apart by semicolons. Save it with commas.',
			);
		}
	});

	it('a header of 200,000 columns is read in no time', async () => {
		const path = written('wide.csv', `${Array.from({ length: 200_000 }, (_, i) => `c${i}`).join(',')}\n`);
		await expect(read({ path, text: 'c1' })).rejects.toThrow('has no rows');
	});

	it.each(['device.csv', 'device.jsonl', 'device.parquet'])(
		'a device is never read, it may not end: %s',
		async (name) => {
			symlinkSync('/dev/null', join(folder, name));
			await expect(read({ path: join(folder, name), text: 't' })).rejects.toThrow(`${name}: is a device or a pipe`);
		},
	);

	it('quotation marks that do not match are rows that cannot be used; the rows around them can', async () => {
		const lines = ['t,l', '"fine, this",a', 'a "stray" mark,b', '"shut "too" early",a', '"two', 'lines",b', 'last,a'];
		const path = written('stray.csv', `${lines.join('\n')}\n`);
		const table = await read({ path, text: 't', label: 'l' }, { onBadRow: 'skip' });
		expect(table.examples.map(({ segments }) => segments[0]?.text)).toEqual(['fine, this', 'two\nlines', 'last']);
		expect(problems(table)).toEqual([
			'3: has a quotation mark that is not doubled, within a field',
			'4: has a quotation mark that is not doubled, within a field',
		]);
		const open = written('open.csv', 't,l\nx,a\n\ny,b\n"z,a\nw,b\n');
		await expect(read({ path: open, text: 't', label: 'l' }, { onBadRow: 'skip' })).rejects.toThrow('open.csv:5: ');
	});

	it('marks without a word are no rationale', async () => {
		const spans = { column: 'r', form: 'char_spans' } as const;
		const path = written('blank.csv', 't,l,r\nab cd,x,"[[2, 3]]"\nab cd,y,"[[2, 4]]"\n');
		const table = await read({ path, text: 't', label: 'l', rationale: spans }, { onBadRow: 'skip' });
		expect(problems(table)).toEqual(['2: rationale has the span [2, 3], where the text has no word']);
		const bold = written('bold.csv', 't,l,r\nab cd,x,**ab** cd\nab cd,y,*ab* *cd*\n');
		const rationale = { column: 'r', form: 'marked_spans' } as const;
		const marked = await read({ path: bold, text: 't', label: 'l', rationale }, { onBadRow: 'skip' });
		expect(problems(marked)).toEqual(['2: marked text has nothing between two asterisks at "*ab** cd"']);
	});

	it('columns that are not apart by commas are told from columns that are missing', async () => {
		await expect(read({ path: written('semi.csv', 't;l\nx;y\n'), text: 't' })).rejects.toThrow(
			/semi\.csv:1: its columns are apart by semicolons\. Save it with commas\./u,
		);
	});

	it('name megabytes in a few words', async () => {
		const path = written('long.csv', `t,l\nx,a\ny,${'b'.repeat(1_000_000)}\n`);
		const table = await read({ path, text: 't', label: 'l', labels: ['a', 'b'] }, { onBadRow: 'skip' });
		expect(problems(table)[0]?.length).toBeLessThan(400);
	});

	it('list all that is wrong with a description', async () => {
		const wrong = { path: 'a.csv', lable: 'x', rationale: { column: 'r', form: 'bits' } };
		expect(() => tableSpec(wrong, 'study.yaml')).toThrow(
			/study\.yaml: the description of the table is wrong\.[^]*lable/u,
		);
		expect(() => tableSpec({ path: 'a.csv' }, 'study.yaml')).toThrow('give either "text"');
		const segments = { premise: 'p', hypothesis: 'h' };
		const rationale = { column: 'r', form: 'binary_words', segment: 'text' };
		expect(() => tableSpec({ path: 'a.csv', segments, rationale }, 'study.yaml')).toThrow(
			'rationale: column "r" names segment "text"; the segments are premise, hypothesis',
		);
	});
});

describe('Parquet', () => {
	it('reads texts, whole numbers, lists and nulls; the line is the number of the row', async () => {
		const path = join(folder, 't.parquet');
		const instance = await DuckDBInstance.create(':memory:');
		const connection = await instance.connect();
		const rows = `('r1', 'a fine day', 1::BIGINT, [0, 1, 1]), ('r2', 'bad', 0::BIGINT, [1]), ('r3', 'x y', 0::BIGINT, [1]), ('r4', 'z', NULL, NULL)`;
		await connection.run(
			`COPY (SELECT * FROM (VALUES ${rows}) AS t(id, text, label, flags)) TO '${path}' (FORMAT parquet)`,
		);
		connection.closeSync();
		instance.closeSync();
		const rationale = { column: 'flags', form: 'binary_words' } as const;
		const table = await read({ path, id: 'id', text: 'text', label: 'label', rationale }, { onBadRow: 'skip' });
		expect(table.examples.map(({ id, label }) => [id, label])).toEqual([
			['r1', '1'],
			['r2', '0'],
		]);
		expect(markedWords(table.examples[0])).toEqual(['fine', 'day']);
		expect(problems(table)).toEqual(['3: rationale has 1 values; the text has 2 words', '4: column "label" is empty']);
	});

	it('says what is no Parquet', async () => {
		const path = written('no.parquet', 'text');
		await expect(read({ path, text: 't' })).rejects.toThrow('no.parquet: cannot be read as Parquet');
		await expect(read({ path: join(folder, 'none.parquet'), text: 't' })).rejects.toThrow('there is no such file');
	});
});

describe('what is too much to read', () => {
	it('a text of more bytes than a string can have is refused before it is read', async () => {
		const path = written('long.csv', 'text,label\n');
		truncateSync(path, 600_000_000);
		await expect(read({ path, text: 'text', label: 'label' })).rejects.toThrow(
			/long\.csv: is 573 MiB; text is read up to 511 MiB\. Split the file/u,
		);
	});

	it('a cell that is nested thousands deep is a bad row with its line', async () => {
		const deep = '['.repeat(5000) + ']'.repeat(5000);
		const path = written('deep.jsonl', `{"text":${deep},"label":"a"}\n{"text":"b","label":"a"}\n`);
		const table = await read({ path, text: 'text', label: 'label' }, { onBadRow: 'skip' });
		expect(problems(table)).toEqual(['1: column "text" holds no text but a value that is nested too deeply']);
	});
});

describe('texts without spaces', () => {
	const words = ({ examples: [example] }: Table): string[] =>
		example === undefined ? [] : exampleWords(example).map(({ text }) => text);

	it('are cut into words, and keep marks that tell characters', async () => {
		const path = written('zh.csv', 'text,marks\n她是外科医生。,她是*外科医生*。\n');
		const table = await read({ path, text: 'text', rationale: { column: 'marks', form: 'marked_spans' } });
		expect(words(table)).toEqual(['她是', '外科', '医生。']);
		expect(table.examples[0]?.segments[0]?.cut).toBe('segmenter');
		expect(markedWords(table.examples[0])).toEqual(['外科', '医生。']);
	});

	it('keep the words that the file counts', async () => {
		const path = written('zh2.csv', 'text,marks\n她 是 外科医生 。,0 0 1 0\n');
		const table = await read({ path, text: 'text', rationale: { column: 'marks', form: 'binary_words' } });
		expect(words(table)).toEqual(['她', '是', '外科医生', '。']);
		expect(markedWords(table.examples[0])).toEqual(['外科医生']);
	});

	it('keep the words that the file lists', async () => {
		const path = written('zh3.jsonl', '{"text":["她","是","外科医生"]}\n');
		expect(words(await read({ path, text: 'text' }))).toEqual(['她', '是', '外科医生']);
	});

	it('others are cut so on request, but not where the file counts words', async () => {
		const path = written('en.csv', 'text,marks\nA well-known film,0 1 0\n');
		expect(words(await read({ path, text: 'text' }))).toEqual(['A', 'well-known', 'film']);
		expect(words(await read({ path, text: 'text', words: 'segmenter' }))).toEqual(['A', 'well-', 'known', 'film']);
		const counted: TableInput = {
			path,
			text: 'text',
			words: 'segmenter',
			rationale: { column: 'marks', form: 'binary_words' },
		};
		expect(() => tableSpec(counted, 'study.yaml')).toThrow(/counts the words between white space; leave out "words"/u);
	});
});
