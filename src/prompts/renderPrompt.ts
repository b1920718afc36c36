/**
 * From chat turns to the model's text with the place of every word. Templates may trim, wrap or move a turn, so the
 * turns are rendered with a marker in place of each segment's text, and the markers are then replaced by the texts.
 */
import { InternalError, UserError } from '../core/errors.ts';
import type { Example, Segment, Span } from '../core/example.ts';
import type { ChatMessage } from '../llm/languageModel.ts';

/** How a model writes a conversation. */
export interface ChatFormat {
	renderChat(messages: readonly ChatMessage[]): string;
	/** Every string the tokenizer or the template reads as a control token: `<|end|>`, `</s>`, `[INST]`. */
	readonly specialTokens: readonly string[];
}

/** A prompt as text; spans are UTF-16 code units of `text`. */
export interface RenderedPrompt {
	readonly text: string;
	/** Per segment. */
	readonly segmentSpans: readonly Span[];
	/** Per word number. */
	readonly wordSpans: readonly Span[];
}

/**
 * Returns the text of `messagesOf(example)` in the model's chat format; every segment stands in it unchanged.
 * Throws a UserError where a segment contains a control token or the template repeats, drops or alters a segment.
 */
export function renderPrompt(
	format: ChatFormat,
	messagesOf: (example: Example) => readonly ChatMessage[],
	example: Example,
): RenderedPrompt {
	for (const segment of example.segments) refuseSpecialTokens(format, example, segment);
	const markers = markersFor(messagesOf(example), example.segments.length);
	const marked = example.segments.map((segment, i) => ({ ...segment, text: markers[i] ?? '', words: [] }));
	const rendered = format.renderChat(messagesOf({ ...example, segments: marked }));
	const places = example.segments.map((segment, i) => ({ segment, at: placeOf(rendered, markers[i] ?? '', segment) }));
	return substituted(rendered, places, markers);
}

/** Returns one string per segment that no turn contains and no marker repeats. */
function markersFor(messages: readonly ChatMessage[], count: number): string[] {
	let nonce = 0;
	while (messages.some((message) => message.content.includes(`qz${nonce}q`))) nonce++;
	return Array.from({ length: count }, (_, i) => `qz${nonce}q${i}qz`);
}

/** Returns where a segment's marker stands. */
function placeOf(rendered: string, marker: string, segment: Segment): number {
	const count = rendered.split(marker).length - 1;
	if (count === 1) return rendered.indexOf(marker);
	throw new UserError(
		`chat template: the segment "${segment.name}" appears ${count} times, unchanged, in the rendered prompt; it must ` +
			'appear exactly once. Use a model whose template keeps the text of every turn as it is.',
	);
}

interface Place {
	readonly segment: Segment;
	/** Where the marker starts in the text with markers. */
	readonly at: number;
}

/** Returns the text with every marker replaced by its segment's text. */
function substituted(rendered: string, places: readonly Place[], markers: readonly string[]): RenderedPrompt {
	let text = '';
	let done = 0;
	const starts = places.map(() => 0);
	for (const [i, { segment, at }] of [...places.entries()].toSorted(([, a], [, b]) => a.at - b.at)) {
		text += rendered.slice(done, at);
		starts[i] = text.length;
		text += segment.text;
		done = at + (markers[i]?.length ?? 0);
	}
	text += rendered.slice(done);
	return checked(text, places, starts);
}

/**
 * Returns the prompt with the spans of segments that start at `starts`, after checking that they say what they should.
 */
function checked(text: string, places: readonly Place[], starts: readonly number[]): RenderedPrompt {
	const shift = (span: Span, i: number): Span => {
		const start = starts[i] ?? 0;
		return { start: start + span.start, end: start + span.end };
	};
	const segmentSpans = places.map(({ segment }, i) => shift({ start: 0, end: segment.text.length }, i));
	const wordSpans = places.flatMap(({ segment }, i) => segment.words.map((span) => shift(span, i)));
	const kept = segmentSpans.every(({ start, end }, i) => text.slice(start, end) === places[i]?.segment.text);
	if (!kept) throw new InternalError('a segment moved while the prompt was rendered');
	return { text, segmentSpans, wordSpans };
}

function refuseSpecialTokens(format: ChatFormat, example: Example, segment: Segment): void {
	const token = format.specialTokens.find((special) => special !== '' && segment.text.includes(special));
	if (token === undefined) return;
	throw new UserError(
		`example "${example.id}", segment "${segment.name}": the text contains ${JSON.stringify(token)}, which this model ` +
			'reads as a control token. Remove it from the data (a space inside is enough) or leave the example out.',
	);
}
