/** What a model thought before it said a label. */
import { type Html, html } from '../html.ts';

/** Returns the thought, folded: it may be longer than all else. */
export function renderThought(thought: string): Html {
	return html`<details><summary>What the model thought first</summary><pre>${thought}</pre></details>`;
}
