// Makes queries from a schema: aliases, fragments, directives, variables with and without values.
import { getNamedType, isEnumType, isNonNullType, isObjectType } from 'graphql';
import { Random } from './random.mjs';

const introspected = ['Query', 'UserContext', 'Scope', 'TrainingStatus', 'OnConflict', 'UserContextInput', 'JSON',
    'Nothing'];
// graphql-js lists types in another order, and fields of its own version.
const leftOut = new Set(['types', 'directives', 'interfaces', 'possibleTypes']);

export class Generator {
    constructor(schema, seed, uuids) {
        this.schema = schema;
        this.random = new Random(seed);
        this.uuids = [...uuids, 'nobody'];
    }

    happens(percent) { return this.random.below(100) < percent; }

    // A document that is mostly valid, and the values of its variables.
    next() {
        this.fragments = [];
        this.variables = new Map();
        const body = this.selectionSet(this.schema.getQueryType(), 0);
        const values = {};
        const declared = [...this.variables].map(([name, { type, value, fallback }]) => {
            if (value !== undefined)
                values[name] = value;
            return `$${name}: ${type}${fallback === undefined ? '' : ` = ${fallback}`}`;
        });
        const head = declared.length > 0 ? `query generated(${declared.join(', ')}) ` : '';
        return { query: [head + body, ...this.fragments].join('\n'), variables: values };
    }

    selectionSet(type, depth) {
        const selections = Array.from({ length: 1 + this.random.below(4) }, () => this.selection(type, depth));
        return `{ ${selections.join(' ')} }`;
    }

    selection(type, depth) {
        if (depth < 6 && this.happens(10))
            return ['...', this.happens(50) ? `on ${type}` : '', this.directive(), this.selectionSet(type, depth + 1)]
                .join(' ');
        if (depth < 6 && this.happens(6)) {
            const name = `f${this.fragments.length}`;
            const at = this.fragments.push('') - 1;
            this.fragments[at] = `fragment ${name} on ${type} ${this.selectionSet(type, depth + 1)}`;
            return `...${name} ${this.directive()}`;
        }
        return this.field(type, depth);
    }

    directive() {
        if (this.happens(80))
            return '';
        const condition = this.happens(50) ? String(this.happens(50))
            : this.variable('Boolean!', this.happens(50), 'true');
        return `@${this.random.of(['skip', 'include'])}(if: ${condition}) `;
    }

    field(type, depth) {
        if (this.happens(8))
            return `${this.alias()}__typename`;
        const isRoot = type === this.schema.getQueryType();
        const fields = Object.values(type.getFields()).filter(({ name, type: inner }) => !leftOut.has(name) &&
            (depth < 7 || !isObjectType(getNamedType(inner))));
        if (isRoot && this.happens(10))
            return `${this.alias()}__type(name: "${this.random.of(introspected)}") ${
                this.selectionSet(this.schema.getType('__Type'), depth + 1)}`;
        if (fields.length === 0)
            return '__typename';
        const field = this.random.of(fields);
        const inner = getNamedType(field.type);
        const set = isObjectType(inner) ? ` ${this.selectionSet(inner, depth + 1)}` : '';
        return `${this.alias()}${field.name}${this.arguments(field)} ${this.directive()}${set}`;
    }

    alias() { return this.happens(30) ? `a${this.random.below(6)}: ` : ''; }

    arguments(field) {
        const given = field.args.filter(({ type }) => isNonNullType(type) || this.happens(30))
            .map(({ name, type }) => `${name}: ${this.argument(name, type)}`);
        return given.length > 0 ? `(${given.join(', ')})` : '';
    }

    argument(name, type) {
        const literal = this.literal(name, getNamedType(type));
        if (this.happens(60))
            return !isNonNullType(type) && this.happens(10) ? 'null' : literal;
        const isEnum = isEnumType(getNamedType(type));
        const value = isEnum ? literal : JSON.parse(literal);
        const isNullable = !isNonNullType(type);
        return this.variable(String(type), this.happens(5) && isNullable ? null : value, literal);
    }

    // Declares a variable of this type, whose value is given, missing with a default, or missing.
    variable(type, value, literal) {
        const name = `v${this.variables.size}`;
        const isRequired = type.endsWith('!');
        if (this.happens(60))
            this.variables.set(name, { type, value });
        else if (this.happens(50))
            this.variables.set(name, { type: type.replace('!', ''), fallback: literal,
                value: this.happens(20) ? value : undefined });
        else
            this.variables.set(name, { type, value: isRequired ? value : undefined });
        return `$${name}`;
    }

    literal(name, type) {
        if (isEnumType(type))
            return this.random.of(type.getValues()).name;
        switch (name) {
        case 'uuid': return JSON.stringify(this.random.of(this.uuids));
        case 'after': case 'before': {
            const key = this.random.of(this.happens(30) ? ['0', '1', '3', '9'] : this.uuids);
            return JSON.stringify(Buffer.from(key).toString('base64'));
        }
        case 'first': case 'last': return String(this.random.of([0, 1, 2, 3, 7, 20, 150, 151, 500, 501, -1]));
        case 'trainingId': return JSON.stringify(this.random.of(['t1', 't3', 't5', 'nothing']));
        case 'prefix': return JSON.stringify(this.random.of(['', 'T', 'training 2', 'zz']));
        case 'userContextId': return JSON.stringify(this.random.of(this.uuids));
        case 'userUuid': return JSON.stringify(this.random.of([...this.uuids.slice(-12), 'u151']));
        case 'state': return JSON.stringify(this.random.of(['PENDING', 'RETIRING_LMS', 'nothing']));
        case 'begunFrom': case 'begunBefore':
            return JSON.stringify(this.random.of(['2000-01-01T00:00:00Z', '2999-01-01T00:00:00+02:00', '2026-01-01']));
        case 'appIds': return '[0, 7]';
        case 'appId': return String(this.random.of([0, 1, 7, 99]));
        default: return String(this.happens(50));
        }
    }
}
