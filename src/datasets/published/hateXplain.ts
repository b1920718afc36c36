/** HateXplain (Mathew et al. 2021): `dataset.json` with `post_id_divisions.json`. */
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { messageOf, UserError } from '../../core/errors.ts';
import type { Example } from '../../core/example.ts';
import { itemAt } from '../../core/present.ts';
import { filesAt } from '../../network/sources/source.ts';
import { collect, RowProblem } from '../badRows.ts';
import { readText } from '../rawRows.ts';
import { fileIn, fileIfIn, noteOf, type PublishedDataset, type Reading, splitNamed } from './publishedDataset.ts';
import { flaggedAnnotation, joinedSegment } from './tokens.ts';

const SPLITS = ['train', 'val', 'test'];

const LABELS = ['hatespeech', 'normal', 'offensive'] as const;

const postSchema = z.object({
	post_id: z.string(),
	annotators: z.array(z.object({ label: z.enum(LABELS), annotator_id: z.union([z.number(), z.string()]) })).min(1),
	rationales: z.array(z.array(z.int())),
	post_tokens: z.array(z.string()),
});

type Post = z.output<typeof postSchema>;

export const hateXplain: PublishedDataset = {
	id: 'hatexplain',
	title: 'HateXplain: hateful and offensive posts',
	task: 'hatexplain',
	splits: SPLITS,
	files: 'dataset.json, post_id_divisions.json',
	source: 'github.com/punyajoy/HateXplain',
	licence: 'MIT',
	// Hashes: the catalogue of Hugging Face's datasets 2.x.
	fetchFrom: {
		kind: 'addresses',
		addresses: filesAt('https://raw.githubusercontent.com/punyajoy/HateXplain/master/Data', {
			'dataset.json': '63bb3340fee0ec469b09690d04cb68f7c187787dd8b83807f071892c084967fb',
			'post_id_divisions.json': 'c2fb0d89862e7897b11ea3e9380753f15a793482b4b70ad0532dfb1212212835',
		}),
	},
	// oxlint-disable-next-line typescript/require-await -- errors are rejections, as of every dataset.
	read: async (path, split) => read(path, splitNamed('hatexplain', split, SPLITS)),
};

function read(path: string, split: string): Reading {
	const file = fileIn(path, ['dataset.json', 'Data/dataset.json']);
	const { posts, again } = entriesOf(file);
	const divisions = divisionOf(file, split);
	const numbered = posts.map(([id, post], i) => ({ line: i + 1, id, post }));
	const chosen = numbered.filter(({ id }) => divisions.has(id));
	const there = new Set(posts.map(([id]) => id));
	const lost = [...divisions].filter((id) => !there.has(id)).length;
	const { values, badRows } = collect(file, chosen, ({ id, post }) => exampleOf(id, post));
	const examples = values.filter((example) => example !== null);
	return {
		examples,
		badRows,
		notes: [
			...noteOf(values.length - examples.length, 'post', 'on whose label all three annotators differ, left out'),
			...noteOf(lost, 'post', `of the split not in ${file}`),
			...noteOf(again, 'post', `of ${file} under an id that comes again, left out`),
		],
	};
}

/** JSON keeps the last of several values with one name: `again` counts the others. */
function entriesOf(file: string): { posts: [string, unknown][]; again: number } {
	const text = readText(file);
	const value = jsonIn(file, text);
	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		throw new UserError(`${file}: is no JSON object of posts by id. Take dataset.json as its authors publish it.`);
	}
	const posts = Object.entries(value);
	const named = text.match(/"post_id"\s*:/gu)?.length ?? 0;
	return { posts, again: Math.max(0, named - posts.length) };
}

/** Throws a `UserError` that says where the text stops being JSON. */
function jsonIn(file: string, text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new UserError(`${file}: is no JSON (${messageOf(error)}). Take the file as its authors publish it.`, {
			cause: error,
		});
	}
}

function divisionOf(file: string, split: string): Set<string> {
	const path = fileIfIn(dirname(file), ['post_id_divisions.json']);
	if (path === null) {
		throw new UserError(
			`${join(dirname(file), 'post_id_divisions.json')}: is not there; it says which posts are in which split.`,
		);
	}
	const parsed = z.record(z.string(), z.array(z.string())).safeParse(jsonIn(path, readText(path)));
	const ids = parsed.data?.[split];
	if (ids === undefined) throw new UserError(`${path}: has no list of post ids for "${split}".`);
	return new Set(ids);
}

/** Returns the post as an example; null where every annotator gives another label. */
function exampleOf(id: string, value: unknown): Example | null {
	const parsed = postSchema.safeParse(value);
	if (!parsed.success) {
		const { path, message } = itemAt(parsed.error.issues, 0);
		throw new RowProblem('form', `post "${id}": ${path.join('.')}: ${message}`);
	}
	const post = parsed.data;
	if (post.post_id !== id) throw new RowProblem('id', `post "${id}" calls itself "${post.post_id}"`);
	const label = majority(post);
	if (label === null) return null;
	const segment = joinedSegment('post', post.post_tokens);
	return { id, segments: [segment], label, annotations: annotationsOf(post, segment.words) };
}

/** Every annotator who did not say `normal` gave a rationale, in the order of the annotators. */
function annotationsOf(post: Post, words: Example['segments'][number]['words']): Example['annotations'] {
	const rationales = post.rationales.filter((flags) => flags.length > 0 && flags[0] !== -1);
	const marking = post.annotators.filter(({ label }) => label !== 'normal');
	const known = marking.length === rationales.length;
	return rationales.map((flags, i) => {
		const name = known ? marking[i]?.annotator_id : undefined;
		return flaggedAnnotation(name === undefined ? `annotator ${i + 1}` : `annotator ${name}`, words, flags);
	});
}

function majority({ annotators }: Post): string | null {
	const counts = LABELS.map((label) => ({ label, count: annotators.filter((own) => own.label === label).length }));
	const [first, second] = counts.toSorted((a, b) => b.count - a.count);
	return first === undefined || first.count === second?.count ? null : first.label;
}
