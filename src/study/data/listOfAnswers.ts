/** The answers that an instruction lists in its own words: `positive, negative or mixed`. */

/** Between two answers of a list stand signs and one short word at most: `, `, `" or "`, a line feed and a dash. */
const GAP = /^[^\p{L}\p{N}.?!:]{0,8}(?:\p{L}{1,5}[^\p{L}\p{N}.?!:]{0,8})?$/u;

/**
 * Returns a function that writes the instruction with its answers listed in another order, wherever it lists all of them,
 * each once, one after the other; a list that begins with a capital keeps one. Null where it lists them nowhere.
 */
export function listOfAnswers(
	instruction: string,
	answers: readonly string[],
): ((order: readonly string[]) => string) | null {
	const places = placesOf(instruction, answers);
	const lists = listsOf(instruction, places, answers.length);
	if (lists.length === 0) return null;
	const placed = new Map(lists.flatMap((list) => list.map((place, i) => [place, i] as const)));
	return (order) => {
		let text = '';
		let end = 0;
		for (const place of places) {
			const index = placed.get(place);
			const answer = index === undefined ? undefined : order[index];
			text += instruction.slice(end, place.start) + (answer === undefined ? place.written : asWritten(answer, place));
			end = place.end;
		}
		return text + instruction.slice(end);
	};
}

interface Place {
	readonly answer: string;
	/** As it stands there: a sentence may begin with it. */
	readonly written: string;
	readonly start: number;
	readonly end: number;
}

function asWritten(answer: string, { written, answer: usual }: Place): string {
	return written === usual ? answer : capitalised(answer);
}

function capitalised(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Where answers stand as words of their own; of two that begin alike the longer one is meant. */
function placesOf(instruction: string, answers: readonly string[]): Place[] {
	const forms = new Map([
		...answers.map((answer) => [capitalised(answer), answer] as const),
		...answers.map((answer) => [answer, answer] as const),
	]);
	const longestFirst = [...forms.keys()].toSorted((a, b) => b.length - a.length).map(literally);
	const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${longestFirst.join('|')})(?![\\p{L}\\p{N}])`, 'gu');
	return [...instruction.matchAll(pattern)].map(({ 0: written, index }) => ({
		answer: forms.get(written) ?? written,
		written,
		start: index,
		end: index + written.length,
	}));
}

/** Returns a pattern that only this text matches. */
function literally(text: string): string {
	return text.replaceAll(/[\^$\\.*+?()[\]{}|]/gu, String.raw`\$&`);
}

function listsOf(instruction: string, places: readonly Place[], size: number): Place[][] {
	const lists: Place[][] = [];
	for (let from = 0; from + size <= places.length; ) {
		const list = places.slice(from, from + size);
		const isList = new Set(list.map(({ answer }) => answer)).size === size && list.every(followsIn(instruction, list));
		if (isList) lists.push(list);
		from += isList ? size : 1;
	}
	return lists;
}

function followsIn(instruction: string, list: readonly Place[]) {
	return ({ start }: Place, i: number): boolean => {
		const before = list[i - 1];
		return before === undefined || GAP.test(instruction.slice(before.end, start));
	};
}
