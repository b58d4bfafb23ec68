// Damages documents: some mutations replace characters, others tokens, so that many documents still
// parse and are wrong in what they mean.
const tokens = /"""(?:\\"""|[^])*?"""|"(?:\\.|[^"\\\n])*"|[_A-Za-z][_0-9A-Za-z]*|-?[0-9.eE+]+|\.\.\.|#[^\n]*|[^]/gu;

const pieces = ['{', '}', '(', ')', '[', ']', '!', '$', '@', ':', '=', '|', '&', '...', '.', '..', '"', '"""', '\\',
    '\\"""', '#', ',', ' ', '\n', '\r', '\r\n', '\t', '\uFEFF', "'", '-', '+', '0', '1', '00', '01', '1.', '1.5', '.5',
    '1e', '1e5', '1E-5', '-0', '-0.0e+1', '2147483648', '-2147483649', '9007199254740993', 'on', 'query', 'mutation',
    'subscription', 'fragment', 'true', 'false', 'null', 'extend', 'type', 'schema', 'input', '\\u0041', '\\u{41}',
    '\\u{1F600}', '\\u{110000}', '\\u{0000000041}', '\\u{}', '\\uD83D\\uDE00', '\\uD83D', '\\uDE00', '\\uD83D\\u0041',
    '\\u00', '\\x', '\\n', '\\t', '\\/', '\u00e9', '\u20ac', '\u{1F600}', '\u0000', '\u0001', '\u007f', '\u2028',
    '"a string"', '"\\u{1F600}"', '"""block"""', '"""\n  a\n    b\n\n  c\n  """', '""" one \\""" """', '""', '""""""',
    '@skip(if: true)', '@include(if: $flag)', '@deprecated', '@unknown', '@specifiedBy(url: "u")', '$flag', '$uuid',
    '[1, [2]]', '{a: 1}', '{}', '[]', '# comment\n'];

export class Mutator {
    // names: of the schema; definitions: texts to add.
    constructor(random, names, definitions) {
        this.random = random;
        this.names = names;
        this.definitions = definitions;
    }

    mutated(text) {
        for (let left = 1 + this.random.below(4); left > 0; --left)
            text = this.random.of(this.mutations).call(this, text);
        return text;
    }

    piece() {
        return this.random.below(3) === 0 ? this.random.of(pieces) : this.random.of(this.names);
    }

    ofTokens(text, change) {
        const list = text.match(tokens) ?? [];
        const places = [...list.keys()].filter((at) => list[at].trim() !== '');
        if (places.length > 0)
            change(list, this.random.of(places), places);
        return list.join('');
    }

    mutations = [
        function insertPiece(text) {
            const characters = [...text];
            characters.splice(this.random.below(characters.length + 1), 0, this.random.of(pieces));
            return characters.join('');
        },
        function removeCharacters(text) {
            const characters = [...text];
            characters.splice(this.random.below(characters.length), 1 + this.random.below(3));
            return characters.join('');
        },
        function cut(text) {
            return [...text].slice(0, this.random.below(text.length + 1)).join('');
        },
        function removeToken(text) {
            return this.ofTokens(text, (list, at) => list.splice(at, 1));
        },
        function repeatToken(text) {
            return this.ofTokens(text, (list, at) => list.splice(at, 0, list[at], ' '));
        },
        function replaceToken(text) {
            return this.ofTokens(text, (list, at) => { list[at] = ` ${this.piece()} `; });
        },
        function insertToken(text) {
            return this.ofTokens(text, (list, at) => list.splice(at, 0, ` ${this.piece()} `));
        },
        function replaceName(text) {
            return this.ofTokens(text, (list, _, places) => {
                const words = places.filter((at) => /^[_A-Za-z]/.test(list[at]));
                if (words.length > 0)
                    list[this.random.of(words)] = this.random.of(this.names);
            });
        },
        function swapTokens(text) {
            return this.ofTokens(text, (list, at, places) => {
                const other = this.random.of(places);
                [list[at], list[other]] = [list[other], list[at]];
            });
        },
        function repeatPart(text) {
            return this.ofTokens(text, (list, at, places) => {
                const part = list.slice(at, at + 1 + this.random.below(12));
                list.splice(this.random.of(places), 0, ' ', ...part, ' ');
            });
        },
        function addDefinition(text) {
            const added = this.random.of(this.definitions);
            return this.random.below(2) === 0 ? `${text}\n${added}` : `${added}\n${text}`;
        },
    ];
}
