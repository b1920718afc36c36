import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeHtml, Html, html } from './html.ts';

test('inserted text is escaped, markup is not', () => {
	const inner = html`<b>${'<&>"\''}</b>`;
	expect(html`<p title="${'"'}">${inner}</p>`.markup).toBe('<p title="&quot;"><b>&lt;&amp;&gt;&quot;&#39;</b></p>');
});

test('lists are joined; null and false leave nothing; zero is shown', () => {
	expect(html`<i>${[html`a`, null, false, [0, 'b']]}</i>`.markup).toBe('<i>a0b</i>');
});

test('indentation of the template is dropped, that of inserted text is kept', () => {
	expect(
		html`<pre>
		${'a\n\t\tb'}</pre>`.markup,
	).toBe('<pre>\na\n\t\tb</pre>');
});

test('an object that only looks like markup is no markup', () => {
	const forged: unknown = JSON.parse('{"markup":"<script>"}');
	expect(forged instanceof Html).toBe(false);
});

test('no text can close a tag or a quoted attribute', () => {
	fc.assert(fc.property(fc.string(), (text) => !/[<>"']/.test(escapeHtml(text))));
});
