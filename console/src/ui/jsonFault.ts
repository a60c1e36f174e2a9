/** Why a text is not JSON, in a person's words, and where that is to be mended. */
export interface Fault {
  readonly message: string;
  readonly offset: number;
}

/** What is wrong first; none if the text is JSON. The one place that puts it into words. */
export function jsonFault(text: string): Fault | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return new Scan(text).fault() ?? { message: 'This is not JSON', offset: 0 };
  }
}

/** Line and column of a place, from 1. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  let [line, begin] = [1, 0];
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', begin)) {
    line += 1;
    begin = at + 1;
  }
  return { line, column: offset - begin + 1 };
}

interface Open {
  readonly bracket: '{' | '[';
  readonly offset: number;
  /** Of the line that it stands in. */
  readonly indent: string;
}

type Token = '{' | '}' | '[' | ']' | ',' | ':' | 'string' | 'value' | 'end';

const CLOSING = { '{': '}', '[': ']' } as const;
const SPACE = /[ \t\n\r]*/y;
const TEXT = /"[^"\\\p{Cc}]*(?:(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})|[\x7f-\x9f])[^"\\\p{Cc}]*)*"/uy;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])/y;
const LITERAL = /(?:true|false|null)(?!\w)/y;
const WORD = /[^\s{}[\],:"]+/y;
/** A word of the text is shown no longer than this. */
const SHOWN_MAX = 30;
const SPELLED = new Map(Object.entries({ True: 'true', TRUE: 'true', False: 'false', FALSE: 'false', None: 'null', NULL: 'null', Null: 'null', undefined: 'null' }));

class Found extends Error {
  constructor(readonly fault: Fault) {
    super(fault.message);
  }
}

/** Reads a text by the grammar of JSON (RFC 8259) until it breaks, without recursion: brackets may be nested without end. */
class Scan {
  private at = 0;
  private begin = 0;
  /** The end of the token before. */
  private before = 0;
  /** Whether the token is the first of its line, and what that line begins with: never looked for anew, a line may be a megabyte. */
  private isFirst = true;
  private indent = '';
  private readonly open: Open[] = [];
  /** The first bracket that closes one whose line is indented otherwise: there one is missing, or too many. */
  private slip: { opened: Open; offset: number } | undefined;

  constructor(private readonly text: string) {}

  fault(): Fault | undefined {
    try {
      this.run();
      return undefined;
    } catch (error) {
      if (error instanceof Found) return error.fault;
      throw error;
    }
  }

  private run(): void {
    let token = this.next();
    if (token === 'end') this.fail('There is nothing here yet: JSON begins with { or another value');
    for (;;) {
      token = this.value(token);
      // A value has ended: what follows belongs to what is around it.
      for (let around = this.open.at(-1); ; around = this.open.at(-1)) {
        if (around === undefined) {
          this.ended(token);
          return;
        }
        if (token === ',') {
          token = this.next();
          if (token === '}' || token === ']') this.fail(`This comma must go: only a ${token} follows it`, this.before - 1);
          if (around.bracket === '{') token = this.name(token);
          break;
        }
        if (token !== CLOSING[around.bracket]) this.unclosed(token, around);
        this.close(around);
        token = this.next();
      }
    }
  }

  /** Past a value that holds no other, or into the first one inside; hands back what follows. */
  private value(token: Token): Token {
    while (token === '{' || token === '[') {
      this.open.push({ bracket: token, offset: this.begin, indent: this.indent });
      const inside = this.next();
      if (inside === CLOSING[token]) return inside;
      token = token === '{' ? this.name(inside) : inside;
    }
    if (token === 'string' || token === 'value') return this.next();
    if (token === 'end') this.unclosed(token, this.open.at(-1));
    return this.fail(`A value is missing before this ${token}`);
  }

  /** Past a name and its colon. */
  private name(token: Token): Token {
    if (token === 'end') this.unclosed(token, this.open.at(-1));
    if (token === ',') this.fail('This comma must go: there is nothing before it');
    if (token !== 'string') this.fail('A name in double quotes must stand here');
    const name = this.shown();
    const end = this.at;
    if (this.next() !== ':') this.fail(`A colon is missing after ${name}`, end);
    return this.next();
  }

  private close(around: Open): void {
    if (this.slip === undefined && this.isFirst && this.indent !== around.indent) {
      this.slip = { opened: around, offset: this.begin };
    }
    this.open.pop();
  }

  /** Something else stands where a bracket must be closed, or another value begin. */
  private unclosed(token: Token, around: Open | undefined): never {
    if (around === undefined) return this.fail('A value is missing');
    const closing = CLOSING[around.bracket];
    if (token === '}' || token === ']') this.fail(`A ${closing} is missing before this ${token}, for the ${around.bracket} of line ${this.lineAt(around.offset)}`);
    if (token !== 'end') this.fail(token === ':' ? 'This colon must go: a name stands before a colon only in { }' : 'A comma is missing here', this.before);
    if (this.slip === undefined) this.fail(`The text ends too soon: a ${closing} is missing for the ${around.bracket} of line ${this.lineAt(around.offset)}`, Math.max(0, this.before - 1));
    const { opened, offset } = this.slip;
    return this.fail(`A ${CLOSING[opened.bracket]} is missing before this one, for the ${opened.bracket} of line ${this.lineAt(opened.offset)}`, offset);
  }

  /** Behind the outermost value only white space may stand. */
  private ended(token: Token): void {
    if (token === 'end') return;
    if (token === ':') this.fail('The text must begin with {', 0);
    if (token === '}' || token === ']') {
      const opening = token === '}' ? '{' : '[';
      const tooMany = `there are more ${token} than ${opening}`;
      if (this.slip !== undefined) this.fail(`This bracket closes the ${this.slip.opened.bracket} of line ${this.lineAt(this.slip.opened.offset)}: ${tooMany}`, this.slip.offset);
      this.fail(`This ${token} must go: ${tooMany}`);
    }
    this.fail('The value has ended before this: nothing may follow it');
  }

  /** The next token; `begin` and `at` are its ends. */
  private next(): Token {
    this.before = this.at;
    this.match(SPACE);
    this.begin = this.at;
    const space = this.text.slice(this.before, this.begin);
    this.isFirst = this.before === 0 || space.includes('\n');
    if (this.isFirst) this.indent = space.slice(space.lastIndexOf('\n') + 1);
    const letter = this.text.charAt(this.at);
    if (letter === '') return 'end';
    if (letter === '{' || letter === '}' || letter === '[' || letter === ']' || letter === ',' || letter === ':') {
      this.at += 1;
      return letter;
    }
    if (letter === '"') return this.match(TEXT) ? 'string' : this.brokenText();
    return this.match(NUMBER) || this.match(LITERAL) ? 'value' : this.strange(letter);
  }

  private match(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) return false;
    this.at = pattern.lastIndex;
    return true;
  }

  /** A quoted text that does not end, or holds what it may not. */
  private brokenText(): never {
    for (let at = this.begin + 1; at < this.text.length; at += 1) {
      const letter = this.text.charAt(at);
      if (letter === '\n' || letter === '\r' || letter === '"') break;
      if (letter === '\t') this.fail('A tab in a text is written \\t', at);
      if (letter < ' ') this.fail(`A control character (${codeOf(letter)}) stands in the text`, at);
      if (letter !== '\\') continue;
      const escape = /^\\(["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(this.text.slice(at, at + 6))?.[0];
      if (escape === undefined) this.fail(`${this.text.slice(at, at + 2).trim()} is no escape: a backslash itself is written \\\\`, at);
      at += escape.length - 1;
    }
    return this.fail('This text has no closing double quote');
  }

  /** What begins no token of JSON. */
  private strange(letter: string): never {
    if (letter === "'" || letter === '`') this.fail('Texts and names stand in double quotes, not in others');
    if (/[“”„«»‘’]/.test(letter)) this.fail(`Texts and names stand in straight double quotes ("), not in ${letter}`);
    if (/^(\/\/|\/\*|#)/.test(this.text.slice(this.at, this.at + 2))) this.fail('JSON has no comments');
    if (/[\s\u200b\u2060\ufeff]/.test(letter)) this.fail(`A character that is not seen (${codeOf(letter)}) stands here`);
    this.match(WORD);
    const word = this.shown();
    const spelled = SPELLED.get(this.text.slice(this.begin, this.at));
    if (spelled !== undefined) this.fail(`${word} is written ${spelled}`);
    if (/^[-+.]?\d|^[-+]|^(NaN|Infinity)$/.test(word)) this.fail(`${word} is not how JSON writes a number`);
    return this.fail(`${word} must stand in double quotes`);
  }

  private shown(): string {
    const word = this.text.slice(this.begin, this.at);
    return word.length > SHOWN_MAX ? `${word.slice(0, SHOWN_MAX)}…` : word;
  }

  private lineAt(offset: number): number {
    return lineAndColumn(this.text, offset).line;
  }

  private fail(message: string, offset = this.begin): never {
    throw new Found({ message, offset });
  }
}

const codeOf = (letter: string) => `U+${letter.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
