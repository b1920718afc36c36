/** Entry point of the process of a tokenizer. */
import { InternalError } from '../../core/errors.ts';
import { loadTokenizer, type LoadedTokenizer } from '../tokenizers/tokenizer.ts';
import { packedTexts } from './packedTexts.ts';
import { type Answer, serve } from './serve.ts';

function tokenizerAnswers(): Answer {
	let tokenizer: LoadedTokenizer | undefined;
	return async (method, [value]) => {
		// Messages carry no types; `tokenizerClient.ts` is the only sender.
		if (method === 'open') {
			tokenizer = await loadTokenizer((value as { readonly folder: string }).folder);
			return tokenizer.facts;
		}
		if (tokenizer === undefined) throw new InternalError(`${method} came before open`);
		if (method === 'decode') return tokenizer.decode([...(value as { readonly tokens: Uint32Array }).tokens]);
		const { texts } = value as { readonly texts: readonly string[] };
		const [only] = texts;
		const isOne = only !== undefined && texts.length === 1;
		return packedTexts(isOne ? [await tokenizer.encode(only)] : await tokenizer.encodeBatch(texts));
	};
}

serve(tokenizerAnswers());
