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

test('controls and marks of direction are shown, line ends and tabs are kept', () => {
	expect(escapeHtml('\u001B[31mred\u0007 \u009B1m \u202Eabc \u0000')).toBe(
		'\\u001b[31mred\\u0007 \\u009b1m \\u202eabc \\u0000',
	);
	expect(escapeHtml('a\r\n\tb')).toBe('a\r\n\tb');
	fc.assert(
		fc.property(
			fc.string({ unit: 'binary' }),
			(text) => !/(?![\t\n\r])[\p{Cc}\u202A-\u202E]/u.test(html`<p>${text}</p>`.markup),
		),
	);
});
