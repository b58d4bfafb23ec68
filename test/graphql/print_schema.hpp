/* A schema in the schema definition language, without descriptions. */
#pragma once

#include "gateway/graphql/validation.hpp"
#include "graphql/print_tree.hpp"

namespace opigno::test {

class SchemaPrinter {
  public:
    explicit SchemaPrinter(graphql::Arena &arena) : arena_(&arena) {}

    [[nodiscard]] std::string print(const graphql::Schema &schema) const
    {
        std::string made = "schema { query: " + std::string(schema.query().name);
        if (schema.mutation() != nullptr)
            made += " mutation: " + std::string(schema.mutation()->name);
        made += " }\n";
        for (const graphql::Type *type : schema.types())
            if (type->form == graphql::ScalarForm::Any || type->form == graphql::ScalarForm::BigInt)
                made += print(*type, schema);
        return made;
    }

  private:
    static std::string deprecation(std::string_view reason)
    {
        return reason.empty() ? "" : " @deprecated(reason: " + quoted(reason) + ")";
    }

    [[nodiscard]] std::string print(const graphql::InputValue &value) const
    {
        std::string made = std::string(value.name) + ": " + std::string(spelled(value.type, *arena_));
        if (!value.default_value.empty())
            made += " = " + std::string(value.default_value);
        return made + deprecation(value.deprecation);
    }

    [[nodiscard]] std::string print(const graphql::Field &field) const
    {
        std::string arguments;
        for (const graphql::InputValue &argument : field.arguments)
            arguments += (arguments.empty() ? "" : ", ") + print(argument);
        return std::string(field.name) + (arguments.empty() ? "" : "(" + arguments + ")") + ": " +
               std::string(spelled(field.type, *arena_)) + deprecation(field.deprecation);
    }

    [[nodiscard]] std::string print(const graphql::Type &type, const graphql::Schema &schema) const
    {
        if (type.kind == graphql::TypeKind::Scalar)
            return "scalar " + std::string(type.name) + "\n";
        constexpr const char *words[] = {"scalar", "enum", "type", "input"};
        std::string made =
            std::string(words[static_cast<int>(type.kind)]) + " " + std::string(type.name) + " {\n";
        for (const graphql::EnumValue &value : type.values)
            made += "  " + std::string(value.name) + deprecation(value.deprecation) + "\n";
        if (type.has_site_scopes)
            for (const graphql::EnumValue &value : schema.site_scopes())
                made += "  " + std::string(value.name) + deprecation(value.deprecation) + "\n";
        for (const graphql::InputValue &field : type.input_fields)
            made += "  " + print(field) + "\n";
        for (const graphql::Field &field : type.fields)
            made += "  " + print(field) + "\n";
        return made + "}\n";
    }

    graphql::Arena *arena_;
};

} // namespace opigno::test
