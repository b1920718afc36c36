/** From checked requests to what the model is asked. */
import { randomInt } from 'node:crypto';
import type { ChatMessage, GenerationOptions, LanguageModel, TokenIds } from '../../llm/languageModel.ts';
import { type AnswerRequest, tooLong } from './complete.ts';
import { ApiError } from './errors.ts';
import type { ChatRequest, CompletionRequest } from './requests.ts';
import { constraintOf } from './structured.ts';

/** Longest chat answer where the client does not say, in tokens. */
const longestChatAnswer = 2048;
/** As in the OpenAI API. */
const longestCompletion = 16;

/** Returns the prompt and options of a chat. Throws `ApiError` for what the model cannot be asked. */
export async function chatAnswer(
	model: LanguageModel,
	asked: ChatRequest,
	client: AbortSignal,
): Promise<AnswerRequest> {
	const messages = asked.messages.map(({ role, content }): ChatMessage => {
		refuseControl(role === 'assistant' ? model.specialTokens : model.controlTokens, content);
		return { role: role === 'developer' ? 'system' : role, content };
	});
	const header = model.renderChat(messages);
	const prompt = await encoded(model, header, 'messages');
	const limit = asked.max_completion_tokens ?? asked.max_tokens;
	const room = Math.max(1, Math.min(longestChatAnswer, model.contextLength - prompt.length));
	const constraint = await constraintOf(model, header, asked.response_format, client);
	const alternatives = asked.logprobs === true ? (asked.top_logprobs ?? 0) : undefined;
	if (constraint !== undefined && (asked.temperature ?? 0) > 0) {
		throw new ApiError(400, 'With a schema only temperature 0 is supported.', 'temperature');
	}
	const chosen = constraint === undefined ? asked : { ...asked, temperature: 0 };
	const form = constraint === undefined ? {} : { constraints: [constraint] };
	return {
		prompt,
		options: { maxNewTokens: limit ?? room, ...optionsOf(chosen, alternatives), ...form },
		stop: stopOf(asked),
	};
}

/** Returns the prompt and options of a completion. Throws `ApiError` for what the model cannot be asked. */
export async function textAnswer(model: LanguageModel, asked: CompletionRequest): Promise<AnswerRequest> {
	const given = asked.prompt;
	const first = typeof given === 'string' ? given : given.every((item) => typeof item === 'number') ? given : given[0];
	const prompt = typeof first === 'string' ? await encoded(model, first, 'prompt') : (first ?? []);
	if (prompt.length === 0) throw new ApiError(400, 'The prompt is empty.', 'prompt');
	const options = {
		maxNewTokens: asked.max_tokens ?? longestCompletion,
		...optionsOf(asked, asked.logprobs ?? undefined),
	};
	return { prompt, options, stop: stopOf(asked) };
}

/** A text that is far too long is refused before minutes are spent on its tokens. */
async function encoded(model: LanguageModel, text: string, param: string): Promise<TokenIds> {
	const fewest = model.fewestTokens?.(text) ?? 0;
	if (fewest < model.contextLength) return (await model.encode(text)).ids;
	throw tooLong(`The prompt has at least ${fewest} tokens; this model reads ${model.contextLength}.`, param);
}

/**
 * A control token in a text would end its turn. What the model itself said comes back in the assistant's turns, with its thought
 * between tokens that are not special.
 */
function refuseControl(tokens: readonly string[], content: string): void {
	const token = tokens.find((special) => special !== '' && content.includes(special));
	if (token === undefined) return;
	throw new ApiError(
		400,
		`A message contains ${JSON.stringify(token)}, which this model reads as a control token.`,
		'messages',
	);
}

type Asked = ChatRequest | CompletionRequest;

function optionsOf(asked: Asked, alternatives: number | undefined): Omit<GenerationOptions, 'maxNewTokens'> {
	return { ...samplingOf(asked), ...(alternatives === undefined ? {} : { alternatives }) };
}

function samplingOf({ temperature, top_p: topP, seed }: Asked): Pick<GenerationOptions, 'sampling'> {
	if ((temperature ?? 1) === 0) return {};
	return { sampling: { temperature: temperature ?? 1, topP: topP ?? 1, seed: seed ?? randomInt(2 ** 32) } };
}

function stopOf({ stop }: Asked): string[] {
	return stop == null ? [] : [stop].flat();
}
