"""Makes fixtures/chatTemplates.json: what transformers writes with chat templates, and Jinja with pieces of them.

  python scripts/parity/chatTemplateReference.py      (Python 3.11, transformers 5.24, jinja2 3.1)

The templates are written as the named families publish them.
"""
import json
import os

import jinja2
import transformers
from transformers.utils.chat_template_utils import _compile_jinja_template

ALTERNATE = (
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
)
LLAMA3_TURN = "'<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>'"
templates = {
    "Llama 2": (
        "<s>", "</s>",
        "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}"
        "{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}"
        "{% set system_message = false %}{% endif %}{% for message in loop_messages %}" + ALTERNATE +
        "{% if loop.index0 == 0 and system_message != false %}"
        "{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}"
        "{% else %}{% set content = message['content'] %}{% endif %}"
        "{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}"
        "{% elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}",
    ),
    "Llama 3": (
        "<|begin_of_text|>", "<|eot_id|>",
        "{% for message in messages %}{% set content = " + LLAMA3_TURN + " %}"
        "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}",
    ),
    "Llama 3.1": (
        "<|begin_of_text|>", "<|eot_id|>",
        """{{- bos_token }}
{%- if not date_string is defined %}
    {%- set date_string = "26 Jul 2024" %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{#- The system turn is always there. #}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if tools is not none %}
    {{- "Environment: ipython\\n" }}
{%- endif %}
{{- "Cutting Knowledge Date: December 2023\\n" }}
{{- "Today Date: " + date_string + "\\n\\n" }}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- """ + LLAMA3_TURN + """ }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
""",
    ),
    "Qwen 2.5": (
        None, "<|im_end|>",
        """{%- if messages[0]['role'] == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
{%- else %}
    {{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
""",
    ),
    "Qwen 3": (
        None, "<|im_end|>",
        """{%- if messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(last_query_index=messages|length - 1, searching=true) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.searching and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.searching = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.content is string %}
        {%- set content = message.content %}
    {%- else %}
        {%- set content = '' %}
    {%- endif %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {%- set reasoning_content = '' %}
        {%- if message.reasoning_content is string %}
            {%- set reasoning_content = message.reasoning_content %}
        {%- elif '</think>' in content %}
            {%- set reasoning_content = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query_index and (loop.last or reasoning_content) %}
            {{- '<|im_start|>' + message.role + '\\n<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}""",
    ),
    "Gemma 2": (
        "<bos>", "<eos>",
        "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
        "{% for message in messages %}" + ALTERNATE +
        "{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}"
        "{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{'<start_of_turn>model\\n'}}{% endif %}",
    ),
    "Gemma 3": (
        "<bos>", "<eos>",
        """{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {%- if messages[0]['content'] is string -%}
        {%- set first_user_prefix = messages[0]['content'] + '\\n\\n' -%}
    {%- else -%}
        {%- set first_user_prefix = messages[0]['content'][0]['text'] + '\\n\\n' -%}
    {%- endif -%}
    {%- set loop_messages = messages[1:] -%}
{%- else -%}
    {%- set first_user_prefix = "" -%}
    {%- set loop_messages = messages -%}
{%- endif -%}
{%- for message in loop_messages -%}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
        {{ raise_exception("Conversation roles must alternate user/assistant/user/assistant/...") }}
    {%- endif -%}
    {%- if (message['role'] == 'assistant') -%}
        {%- set role = "model" -%}
    {%- else -%}
        {%- set role = message['role'] -%}
    {%- endif -%}
    {{ '<start_of_turn>' + role + '\\n' + (first_user_prefix if loop.first else "") }}
    {%- if message['content'] is string -%}
        {{ message['content'] | trim }}
    {%- elif message['content'] is iterable -%}
        {%- for item in message['content'] -%}
            {{ item['text'] | trim }}
        {%- endfor -%}
    {%- else -%}
        {{ raise_exception("Invalid content type") }}
    {%- endif -%}
    {{ '<end_of_turn>\\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{'<start_of_turn>model\\n'}}
{%- endif -%}
""",
    ),
    "Mistral 0.2": (
        "<s>", "</s>",
        "{{ bos_token }}{% for message in messages %}" + ALTERNATE +
        "{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}"
        "{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token}}"
        "{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}",
    ),
    "Mistral 0.3": (
        "<s>", "</s>",
        """{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if message["role"] == "user" %}
        {%- if loop.last and system_message is defined %}
            {{- "[INST] " + system_message + "\\n\\n" + message["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + message["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif message["role"] == "assistant" %}
        {{- " " + message["content"]|trim + eos_token}}
    {%- else %}
        {{- raise_exception("Only user and assistant roles are supported, with the exception of an initial optional system message!") }}
    {%- endif %}
{%- endfor %}
""",
    ),
    "Phi 3": (
        "<s>", "<|endoftext|>",
        "{% for message in messages %}{% if message['role'] == 'system' %}{{'<|system|>\\n' + message['content'] + '<|end|>\\n'}}"
        "{% elif message['role'] == 'user' %}{{'<|user|>\\n' + message['content'] + '<|end|>\\n'}}"
        "{% elif message['role'] == 'assistant' %}{{'<|assistant|>\\n' + message['content'] + '<|end|>\\n'}}{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% else %}{{ eos_token }}{% endif %}",
    ),
}

# What ends or begins a text: blanks that Unicode and JavaScript see differently, line ends, nothing at all.
texts = {
    "plain": "A text.",
    "blanks": "  leading and trailing \n",
    "empty": "",
    "only blanks": " \n ",
    "line ends": "\n\nA text.\n",
    "byte order mark": "\ufeffA text.\ufeff ",
    "next line": "\x85A text.\x85",
    "separators": "\x1cA text.\x1f\u3000",
    "inside": "two\n\n\nparts  of it",
}


def turn(role, content):
    return {"role": role, "content": content}


def conversations(text):
    system, asked = turn("system", "Decide."), turn("user", "Text: " + text)
    shown = [turn("user", "Text: Warm. "), turn("assistant", "good")]
    return {
        "alone": [turn("user", text)],
        "asked": [system, asked],
        "shown": [system, *shown, asked],
        "listing": [system, *shown, asked, turn("assistant", "good"), turn("user", "Which words?")],
        "two segments": [system, turn("user", f"{text}\n{text}")],
        "answered": [system, asked, turn("assistant", "good")],
    }


def folded(messages):
    """A system turn that a template refuses stands before the first user turn (docs/guides/prompts.md)."""
    if messages[0]["role"] != "system":
        return messages
    return [turn("user", messages[0]["content"] + "\n\n" + messages[1]["content"]), *messages[2:]]


def rendered(source, messages, **names):
    wants_answer = messages[-1]["role"] != "assistant"
    template = _compile_jinja_template(source)

    def write(turns):
        return template.render(messages=turns, tools=None, documents=None, add_generation_prompt=wants_answer, **names)

    try:
        text = write(messages)
    except jinja2.exceptions.TemplateError:
        return write(folded(messages))
    # Mistral 0.3 leaves out the system turn of a conversation that the assistant ends.
    return text if messages[0]["role"] != "system" or messages[0]["content"] in text else write(folded(messages))


pieces = [
    # break and continue keep what the loop wrote
    "{% for i in range(4) %}a{% if i == 2 %}{% continue %}{% endif %}{{ i }}{% endfor %}",
    "{% for i in range(4) %}a{% if i == 2 %}b{% break %}{% endif %}{{ i }}{% else %}none{% endfor %}!",
    "{% for i in range(2) %}[{% for j in range(3) %}{{ j }}{% if j == i %}.{% break %}{% endif %},{% endfor %}]{% endfor %}",
    "{% for i in [1] %}x{% continue %}{% else %}none{% endfor %}",
    "{% for i in [] %}x{% else %}none{% endfor %}",
    # every turn of a loop has a scope of its own
    "{% set x = 1 %}{% for i in range(3) %}{{ x }}{% set x = x + 1 %}{{ x }} {% endfor %}{{ x }}",
    "{% for i in range(3) %}{% if loop.first %}{% set x = 'a' %}{% endif %}{{ x }}-{% endfor %}",
    "{% set ns = namespace(x=0) %}{% for i in range(3) %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}",
    # loops over texts, records and undefined
    "{% for letter in 'a\u00e9\U0001f600' %}[{{ letter }}{{ loop.index }}]{% endfor %}",
    "{% for key in {'a': 1, 'b': 2} %}{{ key }}{% endfor %}",
    "{% for key, value in {'a': 1, 'b': 2}.items() %}{{ key }}={{ value }},{% endfor %}",
    "{% for x in nothing %}{{ x }}{% else %}none{% endfor %}",
    "{% for x in range(5) if x % 2 == 0 %}{{ loop.index }}:{{ x }}{{ ',' if not loop.last }}{% endfor %}",
    "{% for m in messages if m.role != 'system' %}{{ (loop.previtem or m).content }}<{{ m.content }}>{{ loop.nextitem is defined }}{% endfor %}",
    "{% for x in 5 %}{% endfor %}",
    "{% for x in none %}{% endfor %}",
    # filters on undefined, none and texts
    "[{{ nothing }}][{{ nothing|trim }}][{{ nothing|upper }}][{{ nothing|length }}][{{ nothing|list }}][{{ nothing|join('-') }}]",
    "[{{ nothing|first }}][{{ nothing|last }}][{{ nothing|string }}][{{ nothing|replace('a', 'b') }}]",
    "{{ nothing|int }}",
    "{{ nothing|float(1) }}",
    "{{ nothing|abs }}",
    "[{{ nothing|default('x') }}][{{ nothing|default }}][{{ ''|default('x') }}][{{ ''|default('x', true) }}][{{ nothing|d('y') }}]",
    "[{{ nothing|sort }}][{{ nothing|unique|list }}][{{ nothing|reverse|list }}][{{ nothing|items|list }}][{{ nothing|map(attribute='a')|list }}]",
    "[{{ nothing|selectattr('role')|list }}][{{ nothing|lower }}][{{ nothing|capitalize }}][{{ nothing|title }}][{{ nothing|count }}]",
    "{{ nothing|tojson }}",
    "{{ nothing.a }}",
    "{{ nothing['a'] }}",
    "{{ messages[0].nothing is defined }}{{ messages[0].nothing }}",
    "{{ messages[0].nothing.more }}",
    "[{{ none }}][{{ none|trim }}][{{ none|string }}][{{ none|default('x') }}][{{ true }}][{{ false|string }}]",
    "[{{ 'abc'|list }}][{{ 'abc'|first }}][{{ 'abc'|last }}][{{ 'abc'|reverse }}][{{ 'abc'|length }}][{{ '\U0001f600'|length }}]",
    "[{{ 'abc'|join('-') }}][{{ 'bca'|sort|join }}][{{ 12|trim }}][{{ true|upper }}][{{ [1, 'a', none, true, 1.5] }}]",
    "{{ {'a': 1, 'b': ['x', \"it's\"]} }} {{ {'a': none}|tojson }} {{ (1, 2) }}",
    "{{ 'a' ~ none ~ 1 ~ nothing ~ true }}",
    "{{ 'a' + nothing }}",
    # white space and what is taken away
    "[{{ '\u00a0a\u0085'|trim }}][{{ '\ufeffa\ufeff'|trim }}][{{ ' a '.strip() }}][{{ ' a '.lstrip() }}][{{ ' a '.rstrip() }}]",
    "[{{ '\\n a \\n'.strip('\\n') }}][{{ '\\n a \\n'.lstrip('\\n') }}][{{ '\\n a \\n'.rstrip('\\n') }}][{{ 'xxaxx'|trim('x') }}][{{ 'xyaz'.strip('zyx') }}]",
    "[{{ 'a</think>b</think>c'.split('</think>')[-1] }}][{{ 'a b  c'.split()|length }}]",
    # equality
    "{{ '1' == 1 }} {{ 1 == 1.0 }} {{ true == 1 }} {{ '' == false }} {{ '' != false }} {{ none == nothing }} {{ nothing == nothing }}",
    "{{ [1, 'a'] == [1, 'a'] }} {{ {'a': 1} == {'a': 1} }} {{ [1] == [2] }} {{ none == none }} {{ messages[0].tool_calls == none }}",
    # blocks, macros, white space control, line ends
    "{% macro say(who, what='hi') %}{{ who }}:{{ what }}{{ none }}{% endmacro %}{{ say('a') }} {{ say('b', 'ho') }}",
    "{% set text %}a{{ true }}b{% endset %}[{{ text }}]",
    "{%- if true -%}  x  {%- endif -%}  y",
    "a\r\n{% if true %}\r\nb\rc\r\n{% endif %}\r\nd\r\n",
    "{{ 'a\r\nb' }}|",
    "  {% if true %}  \n  x\n  {% endif %}\n{# remark #}\ny\n",
    "{% for m in messages %}{{ m['role'] }}{{ '\\n' if not loop.last }}{% endfor %}",
    "{{ messages[-1]['content'][:3] }}{{ messages|length }}{{ messages[1:]|length }}",
    "{{ range(3)|list }}{{ range(4, 0, -2)|list }}",
    "{% break %}",
]

names = {"bos_token": "<s>", "eos_token": "</s>"}


def piece(source):
    try:
        return _compile_jinja_template(source).render(messages=conversations("A text.")["shown"], **names)
    except Exception:  # a template that Jinja refuses: ours must refuse it, too
        return None


result = {
    "versions": {"transformers": transformers.__version__, "jinja2": jinja2.__version__},
    "templates": [
        {
            "name": name,
            "source": source,
            "specialTokens": {k: v for k, v in {"bos_token": bos, "eos_token": eos}.items() if v is not None},
            "renderings": [
                {
                    "name": f"{kind}, {text}",
                    "messages": messages,
                    "text": rendered(source, messages, **{"bos_token": bos, "eos_token": eos}),
                }
                for text, content in texts.items()
                for kind, messages in conversations(content).items()
            ],
        }
        for name, (bos, eos, source) in templates.items()
    ],
    "pieceMessages": conversations("A text.")["shown"],
    "pieces": [{"source": source, "text": piece(source)} for source in pieces],
}
path = os.path.join(os.path.dirname(__file__), "..", "..", "fixtures", "chatTemplates.json")
with open(path, "w", encoding="utf-8", newline="\n") as file:
    json.dump(result, file, ensure_ascii=True, indent="", separators=(",", ":"))
    file.write("\n")
print(sum(len(t["renderings"]) for t in result["templates"]), "renderings,", len(pieces), "pieces,",
      sum(p["text"] is None for p in result["pieces"]), "of them refused")
