/* The tree of a document as JSON, for the comparison with graphql-js: compare.mjs prints the same. */
#pragma once

#include "gateway/graphql/ast.hpp"

#include <string>

namespace opigno::test {

inline std::string quoted(std::string_view text)
{
    std::string made = "\"";
    for (const char c : text) {
        constexpr std::string_view digits = "0123456789abcdef";
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20)
            made += std::string("\\u00") + digits[byte >> 4U] + digits[byte & 15U];
        else if (c == '"' || c == '\\')
            made += std::string("\\") + c;
        else
            made += c;
    }
    return made + "\"";
}

/* Prints each node as an array: its kind, its place, its parts. */
class TreePrinter {
  public:
    explicit TreePrinter(std::string_view text) : text_(text) {}

    [[nodiscard]] std::string place(graphql::Offset at) const
    {
        const graphql::Position position = graphql::position_of(text_, at);
        return "[" + std::to_string(position.line) + "," + std::to_string(position.column) + "]";
    }

    [[nodiscard]] std::string print(const graphql::Document &document) const
    {
        return list(document.definitions);
    }

  private:
    template <typename T> [[nodiscard]] std::string list(const graphql::Chain<T> &nodes) const
    {
        std::string made = "[";
        for (const T &node : nodes)
            made += (made.size() == 1 ? "" : ",") + print(node);
        return made + "]";
    }

    [[nodiscard]] std::string print(const graphql::Name &name) const
    {
        return name.empty() ? "null" : "[" + quoted(name.text) + "," + place(name.at) + "]";
    }

    [[nodiscard]] std::string print(const graphql::Value &value) const
    {
        constexpr const char *kinds[] = {"Variable", "Int",  "Float", "String", "Boolean",
                                         "Null",     "Enum", "List",  "Object"};
        const std::string kind = value.is_block ? "Block" : kinds[static_cast<int>(value.kind)];
        const bool has_items =
            value.kind == graphql::ValueKind::List || value.kind == graphql::ValueKind::Object;
        return "[\"" + kind + "\"," + place(value.at) + "," + print(value.name) + "," +
               (has_items ? list(value.items) : quoted(value.text)) + "]";
    }

    [[nodiscard]] std::string print(const graphql::Directive &directive) const
    {
        return "[\"Directive\"," + place(directive.at) + "," + print(directive.name) + "," +
               list(directive.arguments) + "]";
    }

    [[nodiscard]] std::string print(const graphql::TypeName &type) const
    {
        std::string spelled(type.name.text);
        std::string outer;
        for (graphql::Layers left = type.layers; !left.empty(); left = left.inner())
            outer += left.outer() == graphql::Layer::List ? '[' : '!';
        for (std::size_t at = outer.size(); at-- > 0;)
            spelled = outer[at] == '!' ? spelled + "!" : "[" + spelled + "]";
        return "[" + quoted(spelled) + "," + place(type.at) + "," + print(type.name) + "]";
    }

    [[nodiscard]] std::string print(const graphql::Variable &variable) const
    {
        return "[\"Variable\"," + place(variable.at) + "," + print(variable.name) + "," +
               print(variable.type_name) + "," +
               (variable.default_value == nullptr ? "null" : print(*variable.default_value)) + "," +
               list(variable.directives) + "]";
    }

    [[nodiscard]] std::string print(const graphql::Selection &selection) const
    {
        constexpr const char *kinds[] = {"Field", "FragmentSpread", "InlineFragment"};
        return std::string("[\"") + kinds[static_cast<int>(selection.kind)] + "\"," + place(selection.at) +
               "," + print(selection.alias) + "," + print(selection.name) + "," + print(selection.condition) +
               "," + list(selection.arguments) + "," + list(selection.directives) + "," +
               print(selection.set) + "]";
    }

    [[nodiscard]] std::string print(const graphql::SelectionSet *set) const
    {
        return set == nullptr ? "null" : "[" + place(set->at) + "," + list(set->selections) + "]";
    }

    [[nodiscard]] std::string print(const graphql::Definition &definition) const
    {
        constexpr const char *kinds[] = {"query", "mutation", "subscription", "fragment"};
        return std::string("[\"") + kinds[static_cast<int>(definition.kind)] + "\"," + place(definition.at) +
               "," + print(definition.name) + "," + print(definition.condition) + "," +
               list(definition.variables) + "," + list(definition.directives) + "," + print(definition.set) +
               "]";
    }

    std::string_view text_;
};

} // namespace opigno::test
