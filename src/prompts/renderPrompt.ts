/**
 * From chat turns to the model's text with the place of every word. Templates may trim, wrap or move a turn, so the turns
 * are also rendered with a marker in place of each segment's text; what was rendered with the texts must be the same but for
 * white space at the ends of turns.
 */
import { UserError } from '../core/errors.ts';
import type { Example, Segment, Span } from '../core/example.ts';
import { entryOf, itemAt, zip } from '../core/present.ts';
import type { Task, TemplateVariables } from '../core/task.ts';
import type { ChatMessage } from '../llm/languageModel.ts';
import { type ControlTokens, refuseControlInExample } from './controlTokens.ts';
import { type Removed, removedBlanks } from './removedBlanks.ts';

/** How a model writes a conversation. */
export interface ChatFormat extends ControlTokens {
	renderChat(messages: readonly ChatMessage[]): string;
}

/** Returns the format in which a model is asked about a task, which may tell the template something. */
export function chatFormat(
	model: ControlTokens & {
		renderChat(messages: readonly ChatMessage[], variables?: TemplateVariables): string;
	},
	{ template }: Task,
): ChatFormat {
	return { controlTokens: model.controlTokens, renderChat: (messages) => model.renderChat(messages, template) };
}

/**
 * Returns the format in which a model is asked for the label: as `chatFormat`, with the assistant's turn begun where the task
 * says with what (as `continue_final_message` of transformers).
 */
export function answeringFormat(model: Parameters<typeof chatFormat>[0], task: Task): ChatFormat {
	const format = chatFormat(model, task);
	const { answerPrefix } = task;
	if (answerPrefix === undefined) return format;
	return { ...format, renderChat: (messages) => begunAnswer(format, messages, answerPrefix) };
}

/** Returns the conversation up to and with the beginning of the assistant's next turn. */
export function begunAnswer(
	{ renderChat }: Pick<ChatFormat, 'renderChat'>,
	messages: readonly ChatMessage[],
	beginning: string,
): string {
	const text = renderChat([...messages, { role: 'assistant', content: beginning }]);
	const at = text.lastIndexOf(beginning);
	if (at >= 0) return text.slice(0, at + beginning.length);
	throw new UserError(
		`chat template: the answer prefix ${JSON.stringify(beginning)} does not appear in the rendered prompt as it is written. ` +
			'Choose another one, without blanks at its ends.',
	);
}

/** A prompt as text; spans are UTF-16 code units of `text`. */
export interface RenderedPrompt {
	readonly text: string;
	/** Per segment; white space that the template took away is left out. */
	readonly segmentSpans: readonly Span[];
	/** Per word number. */
	readonly wordSpans: readonly Span[];
}

/**
 * Returns the text of `messagesOf(example)` in the model's chat format, exactly as its template writes it. Throws a UserError
 * where a segment contains a control token or the template repeats, drops or alters a segment.
 */
export function renderPrompt(
	format: ChatFormat,
	messagesOf: (example: Example) => readonly ChatMessage[],
	example: Example,
): RenderedPrompt {
	refuseControlInExample(format, example);
	const messages = messagesOf(example);
	const untrimmed = substituted(format, messagesOf, example);
	const text = format.renderChat(messages);
	const removed = removedBlanks(untrimmed.text, text, untrimmed.segmentSpans);
	if (removed === null) throw altered(itemAt(example.segments, 0).name, 'not', 'unchanged');
	const shift = (span: Span): Span => ({ start: placeAfter(removed, span.start), end: placeAfter(removed, span.end) });
	return { text, segmentSpans: untrimmed.segmentSpans.map(shift), wordSpans: untrimmed.wordSpans.map(shift) };
}

/** Returns where a place of a text lies once these stretches, in order, are taken away. */
function placeAfter(removed: readonly Removed[], place: number): number {
	return removed.reduce((at, { start, end }) => at - Math.max(0, Math.min(place, end) - start), place);
}

/** Returns the prompt as it would be if the template took nothing away. */
function substituted(
	format: ChatFormat,
	messagesOf: (example: Example) => readonly ChatMessage[],
	example: Example,
): RenderedPrompt {
	const marked = zip(example.segments, markersFor(messagesOf(example), example.segments.length));
	const segments = marked.map(([segment, marker]) => ({ ...segment, text: marker, words: [] }));
	const rendered = format.renderChat(messagesOf({ ...example, segments }));
	const places = marked.map(([segment, marker]) => ({ segment, marker, at: placeOf(rendered, marker, segment) }));
	return withTexts(rendered, places);
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
	throw altered(segment.name, `${count} times`, 'unchanged,');
}

function altered(name: string, times: string, how: string): UserError {
	return new UserError(
		`chat template: the segment "${name}" appears ${times}, ${how} in the rendered prompt; it must appear exactly once. ` +
			'Use a model whose template keeps the text of every turn as it is.',
	);
}

interface Place {
	readonly segment: Segment;
	readonly marker: string;
	/** Where the marker starts in the text with markers. */
	readonly at: number;
}

/** Returns the text with every marker replaced by its segment's text. */
function withTexts(rendered: string, places: readonly Place[]): RenderedPrompt {
	let text = '';
	let done = 0;
	const starts = new Map<Place, number>();
	for (const place of places.toSorted((a, b) => a.at - b.at)) {
		text += rendered.slice(done, place.at);
		starts.set(place, text.length);
		text += place.segment.text;
		done = place.at + place.marker.length;
	}
	text += rendered.slice(done);
	const shift = (span: Span, place: Place): Span => {
		const start = entryOf(starts, place, 'start');
		return { start: start + span.start, end: start + span.end };
	};
	return {
		text,
		segmentSpans: places.map((place) => shift({ start: 0, end: place.segment.text.length }, place)),
		wordSpans: places.flatMap((place) => place.segment.words.map((span) => shift(span, place))),
	};
}
