/** What must be there is not papered over: a list's missing item never becomes a value such as `0` or `''`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './support/documents.ts';
import { sourceFiles } from './support/importGraph.ts';

/** `a[i]`, `a[i]?.b`, `a.at(-1)?.b`; not `a?.[i]` and `a['name']`, where there may rightly be no `a` or no `name`. */
const item = String.raw`(?:[\w.]*[\w)\]]\[(?!')[^[\]\n]+\]|[\w.]*\.at\([^()]*\)|[\w.]*\.(?:shift|pop)\(\))`;
const member = String.raw`(?:\?\.[\w.]+(?:\([^()]*\))?)?`;
const value = String.raw`(?:''|0|-1|NaN|Number\.NaN|\[\]|null|false|-?Infinity)(?!\w)`;
const fallback = new RegExp(String.raw`${item}${member}\s+\?\? ${value}`, 'gu');

/** What may rightly be absent: names of which a record has some, and a device that was tried forward only. */
const realDefaults = [
	"datasets/planted/biosWords.ts: objects[occupation] ?? ''",
	'datasets/published/eSnli.ts: FILES[split] ?? []',
	'evaluation/faithfulness/maskedProbabilities.ts: answer.probabilities[example.prediction] ?? NaN',
	'explain/masked/searches.ts: .probabilities[itemAt(labels, predicted)] ?? null',
	'explain/masked/softMasking.ts: .probabilities[itemAt(labels, predicted)] ?? NaN',
	'explain/rationaleRecords.ts: .probabilities[predicted.label] ?? null',
	'interchange/recordTables.ts: selection.masked[masking] ?? null',
	'llm/calibration/calibration.ts: gradient[round] ?? Infinity',
	'llm/sessions/memoryPlan.ts: types[type] ?? 0',
	'records/earlierRecords.ts: rest.control[masking] ?? []',
	'report/sections/examples.ts: control[masking] ?? []',
	'report/testStudy.ts: strengths[cell.method] ?? 0',
	'report/testStudy.ts: strengths[id] ?? 0',
	'summary/metricItems.ts: .control[masking] ?? []',
	'summary/metricItems.ts: .masked[masking] ?? null',
	'summary/metricItems.ts: control[masking] ?? []',
	'summary/metricItems.ts: probabilities[prediction] ?? NaN',
];

function fallbacksIn(file: string, text: string): string[] {
	return [...text.matchAll(fallback)].map(([found]) => `${file}: ${found.replaceAll(/\s+/gu, ' ')}`);
}

describe('a fallback for an item of a list', () => {
	it('stands nowhere: src/core/present.ts reads items and says which one is missing', () => {
		const found = sourceFiles().flatMap((file) => fallbacksIn(file, readFileSync(join(root, 'src', file), 'utf8')));
		expect([...new Set(found)].toSorted()).toEqual(realDefaults);
	});

	it.each([
		['scores[word] ?? null', true],
		["rows[i]?.text ?? ''", true],
		['list.at(-1)?.end\n\t?? 0', true],
		['grid(a)[i] ?? -1', true],
		['scores?.[word] ?? null', false],
		["names['eos_token'] ?? ''", false],
		['counts.get(word) ?? 0', false],
		['own.curve ?? []', false],
		['list[i] ?? fallback', false],
	])('is told from other defaults: %j', (text, isFound) => {
		expect(fallbacksIn('a.ts', text).length > 0).toBe(isFound);
	});
});
