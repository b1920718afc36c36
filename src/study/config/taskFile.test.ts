import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PUBLISHED_DATASETS } from '../../datasets/published/publishedDatasets.ts';
import { bundledTaskPath, listed, loadTaskFile, parseTaskFile } from './taskFile.ts';

const folder = fileURLToPath(new URL('../../../tasks/', import.meta.url));

describe.each(readdirSync(folder))('tasks/%s', (name) => {
	it('names its answers, holds each segment once, and says it in other words too', async () => {
		const { task, wordings } = await loadTaskFile(join(folder, name));
		expect(task.id).toBe(`${name.replace('.yaml', '')}/1`);
		expect(task.instruction).toContain(listed(Object.values(task.verbalizers)));
		expect(wordings.length).toBeGreaterThan(0);
		for (const { task: other } of wordings) {
			expect(other.labels).toEqual(task.labels);
			expect([other.instruction, other.userTurn]).not.toEqual([task.instruction, task.userTurn]);
		}
	});
});

describe('task files', () => {
	it('exist for every published dataset', () => {
		for (const { task } of Object.values(PUBLISHED_DATASETS)) expect(bundledTaskPath(task)).toContain(task);
		expect(() => bundledTaskPath('none')).toThrow('is not at');
	});

	const good = [
		'id: t',
		'version: 2',
		'system: "Good or bad? {labels}."',
		'user: "Text: {text}"',
		'segments: { text: Text }',
		'labels: { g: good, b: bad }',
	];

	it('become tasks, with the answers in the order of the labels', () => {
		expect(parseTaskFile(good.join('\n'), 'task.yaml').task).toEqual({
			id: 't/2',
			instruction: 'Good or bad? good or bad.',
			segmentTitles: { text: 'Text' },
			labels: ['g', 'b'],
			verbalizers: { g: 'good', b: 'bad' },
			userTurn: 'Text: {text}',
		});
	});

	it.each([
		[3, 'user: "Text:"', /task\.yaml:4 \(user\): drops the segment "\{text\}"/u],
		[3, 'user: "{text} {text}"', /:4 \(user\): has the segment "\{text\}" 2 times/u],
		[3, 'user: "{text} {txt}"', /:4 \(user\): names the segment "\{txt\}"; the segments are text/u],
		[2, 'system: Good or bad?', /:3 \(system\): does not say \{labels\}/u],
		[5, 'labels: { g: good }', /:6 \(labels\): a task needs at least two labels/u],
		[5, 'labels: { g: good, b: good }', /:6 \(labels\): "good" stands for two labels/u],
		[1, 'versoin: 1', /:2 \(versoin\): unknown key "versoin". Did you mean "version"/u],
	])('say what is wrong in line %i: %s', (line, text, message) => {
		const lines = good.map((own, i) => (i === line ? text : own));
		expect(() => parseTaskFile(lines.join('\n'), 'task.yaml')).toThrow(message);
	});

	it('refuse a wording that drops a segment or changes nothing', () => {
		const wording = (text: string): string => [...good, 'wordings:', `  - { id: w, ${text} }`].join('\n');
		expect(() => parseTaskFile(wording('user: "Hm"'), 't.yaml')).toThrow(
			/:8 \(wordings\[0\]\.user\): drops the segment/u,
		);
		expect(() => parseTaskFile(wording('system: "Hm"'), 't.yaml')).toThrow(/does not say \{labels\}/u);
		expect(() => parseTaskFile([...good, 'wordings: [{ id: w }]'].join('\n'), 't.yaml')).toThrow(/changes neither/u);
	});
});

describe('listed', () => {
	it('joins by commas and a last or', () => {
		expect(listed(['a', 'b', 'c'])).toBe('a, b or c');
		expect(listed(['a'])).toBe('a');
	});
});
