/*
 * The tree of an executable document. The nodes live in an arena, and their strings in the arena or
 * in the text of the document: both must outlive the tree. Each node knows where in the text it
 * starts; position_of() makes line and column of that. A selection knows the selection set that it
 * is in, and a value the list or object that it is in: so a walk over the tree needs neither
 * recursion nor a stack. Members that validate() sets are nullptr before, and for what the schema
 * does not have. Does not depend on PostgreSQL.
 */
#pragma once

#include "gateway/graphql/chain.hpp"
#include "gateway/graphql/error.hpp"
#include "gateway/graphql/type_reference.hpp"

namespace opigno::graphql {

struct Definition;
struct DirectiveType;
struct Field;

struct Name {
    std::string_view text; /* empty: there is no name */
    Offset at = 0;

    [[nodiscard]] bool empty() const { return text.empty(); }
};

enum class ValueKind : std::uint8_t { Variable, Int, Float, String, Boolean, Null, Enum, List, Object };

struct Value {
    ValueKind kind = ValueKind::Null;
    bool is_block = false; /* the string is a block string */
    Offset at = 0;
    Name name; /* of an argument or of a member of an object */

    /*
     * Variable: its name, without $. Int, Float: as spelled. String: the value, in UTF-8; by an
     * escape it can have U+0000, which the server's types cannot hold. Boolean: "true" or "false".
     * Enum: the name. Otherwise empty.
     */
    std::string_view text;
    Chain<Value> items;      /* of a list, members of an object */
    Value *parent = nullptr; /* the list or object that this is in */
    Value *next = nullptr;   /* argument, item or member */

    TypeReference type; /* that the place of the value has; by validate() */
};

/* A type as a document names it. */
struct TypeName {
    Name name;
    Layers layers;
    Offset at = 0; /* of the outermost layer */
};

struct Directive {
    Name name;
    Offset at = 0; /* of the @ */
    Chain<Value> arguments;
    Directive *next = nullptr;

    const DirectiveType *type = nullptr; /* by validate() */
};

struct Variable {
    Name name;
    Offset at = 0; /* of the description, if it has one, or of the $ */
    TypeName type_name;
    Value *default_value = nullptr;
    Chain<Directive> directives;
    Variable *next = nullptr;

    TypeReference type; /* by validate() */
};

struct Selection;

struct SelectionSet {
    Offset at = 0;          /* of the { */
    std::size_t number = 0; /* in the document, from 0 */
    Chain<Selection> selections;
    Selection *owner = nullptr; /* nullptr: an operation or a fragment */

    const Type *type = nullptr; /* an object type; by validate() */
};

enum class SelectionKind : std::uint8_t { Field, FragmentSpread, InlineFragment };

struct Selection {
    SelectionKind kind = SelectionKind::Field;
    Offset at = 0;
    Name alias;     /* of a field */
    Name name;      /* of a field or of the spread fragment */
    Name condition; /* the type of an inline fragment; may be empty */
    Chain<Value> arguments;
    Chain<Directive> directives;
    SelectionSet *set = nullptr; /* an inline fragment always has one, a spread never */
    SelectionSet *home = nullptr;
    Selection *next = nullptr;

    const Field *field = nullptr;         /* by validate() */
    const Definition *fragment = nullptr; /* that a spread names; by validate() */

    /* Of a field: the name of its member in the answer. */
    [[nodiscard]] std::string_view response_name() const { return alias.empty() ? name.text : alias.text; }
};

enum class DefinitionKind : std::uint8_t { Query, Mutation, Subscription, Fragment };

struct Definition {
    DefinitionKind kind = DefinitionKind::Query;
    Offset at = 0;
    Name name;                 /* an operation may have none */
    Name condition;            /* the type of a fragment */
    Chain<Variable> variables; /* of an operation */
    Chain<Directive> directives;
    SelectionSet *set = nullptr;
    std::size_t number = 0; /* in the document, from 0 */
    Definition *next = nullptr;

    [[nodiscard]] bool is_operation() const { return kind != DefinitionKind::Fragment; }
};

struct Document {
    std::string_view text;
    Chain<Definition> definitions;
    std::size_t sets = 0; /* the number of selection sets */
    std::size_t tokens = 0;
};

/* The node that follows in a walk and is not within this one; nullptr behind the last. */
inline Selection *selection_behind(Selection &selection, const SelectionSet &root)
{
    Selection *at = &selection;
    while (at->next == nullptr) {
        if (at->home == &root)
            return nullptr;
        at = at->home->owner;
    }
    return at->next;
}

/* The node after this one in a walk through `root` and all sets in it, each set right behind its
 * owner; nullptr behind the last. The first is root.selections.first(). */
inline Selection *next_selection(Selection &selection, const SelectionSet &root)
{
    return selection.set != nullptr ? selection.set->selections.first() : selection_behind(selection, root);
}

/* The same for values, through `root` and all values in it. The first is &root. */
inline Value *value_behind(Value &value, const Value &root)
{
    Value *at = &value;
    while (at != &root && at->next == nullptr)
        at = at->parent;
    return at == &root ? nullptr : at->next;
}

inline Value *next_value(Value &value, const Value &root)
{
    return value.items.empty() ? value_behind(value, root) : value.items.first();
}

static_assert(std::is_trivially_destructible_v<Document>);
static_assert(std::is_trivially_destructible_v<Selection>);
static_assert(std::is_trivially_destructible_v<Value>);

} // namespace opigno::graphql
