/* Schemas and documents out of a stream of bytes: most of them are valid, and they share their names. */
#pragma once

#include "fuzz/document.hpp"
#include "fuzz/parse_text.hpp"
#include "fuzz/take_document.hpp"

namespace opigno::test {

class SchemaTaker {
  public:
    explicit SchemaTaker(Stream &stream) : stream_(stream) {}

    Document take_schema(int depth = 0)
    {
        const unsigned what = stream_.next();
        if (++nodes_ > max_nodes || depth > max_depth || what % 16 == 15)
            return constant(what % 32 == 31 ? Document::Kind::False : Document::Kind::True);
        Document made = object();
        for (int keywords = stream_.next() % 5; keywords > 0; --keywords) {
            const auto &[name, shape] = keyword();
            made.members[name] = stream_.next() % 64 == 63 ? take_value() : take_shaped(shape, depth + 1);
        }
        return made;
    }

    Document take_value(int depth = 0)
    {
        const unsigned what = stream_.next();
        if (++nodes_ > max_nodes || depth > max_depth)
            return {};
        Document made;
        switch (what % 8) {
        case 0:
            return constant(what < 128 ? Document::Kind::True : Document::Kind::False);
        case 1:
            return take_number();
        case 2:
        case 3:
            return string(take_name());
        case 4:
            made = array({});
            for (int elements = stream_.next() % 12; elements > 0; --elements)
                made.elements.push_back(take_value(depth + 1));
            return made;
        case 5:
            return {};
        default:
            made = object();
            for (int members = stream_.next() % 6; members > 0; --members) {
                const std::string name = take_name();
                made.members[name] = take_value(depth + 1);
            }
            return made;
        }
    }

  private:
    enum class Shape {
        Schema,
        Schemas,
        SchemaMap,
        SchemaOrList,
        Dependencies,
        Strings,
        StringsMap,
        Count,
        Number,
        Boolean,
        Types,
        Reference,
        Anchor,
        Identifier,
        Pattern,
        Format,
        Value,
        Dialect
    };
    struct Known {
        const char *name;
        Shape shape;
    };

    static constexpr int max_nodes = 200;
    static constexpr int max_depth = 12;

    const Known &keyword()
    {
        static constexpr Known known[] = {
            {"type", Shape::Types},
            {"properties", Shape::SchemaMap},
            {"required", Shape::Strings},
            {"items", Shape::SchemaOrList},
            {"$ref", Shape::Reference},
            {"$defs", Shape::SchemaMap},
            {"allOf", Shape::Schemas},
            {"anyOf", Shape::Schemas},
            {"oneOf", Shape::Schemas},
            {"not", Shape::Schema},
            {"if", Shape::Schema},
            {"then", Shape::Schema},
            {"else", Shape::Schema},
            {"enum", Shape::Value},
            {"const", Shape::Value},
            {"minimum", Shape::Number},
            {"exclusiveMaximum", Shape::Number},
            {"multipleOf", Shape::Number},
            {"minLength", Shape::Count},
            {"maxLength", Shape::Count},
            {"pattern", Shape::Pattern},
            {"format", Shape::Format},
            {"minItems", Shape::Count},
            {"maxItems", Shape::Count},
            {"uniqueItems", Shape::Boolean},
            {"contains", Shape::Schema},
            {"minContains", Shape::Count},
            {"maxContains", Shape::Count},
            {"prefixItems", Shape::Schemas},
            {"additionalItems", Shape::Schema},
            {"additionalProperties", Shape::Schema},
            {"patternProperties", Shape::SchemaMap},
            {"propertyNames", Shape::Schema},
            {"minProperties", Shape::Count},
            {"maxProperties", Shape::Count},
            {"dependentRequired", Shape::StringsMap},
            {"dependentSchemas", Shape::SchemaMap},
            {"dependencies", Shape::Dependencies},
            {"unevaluatedProperties", Shape::Schema},
            {"unevaluatedItems", Shape::Schema},
            {"$id", Shape::Identifier},
            {"id", Shape::Identifier},
            {"$anchor", Shape::Anchor},
            {"$dynamicAnchor", Shape::Anchor},
            {"$dynamicRef", Shape::Reference},
            {"$recursiveAnchor", Shape::Boolean},
            {"$recursiveRef", Shape::Reference},
            {"$schema", Shape::Dialect},
            {"definitions", Shape::SchemaMap},
            {"default", Shape::Value},
            {"unknown", Shape::Schema},
        };
        return known[stream_.next() % std::size(known)];
    }

    Document choice(std::initializer_list<const char *> texts)
    {
        return string(texts.begin()[stream_.next() % texts.size()]);
    }

    std::string take_name()
    {
        static constexpr const char *names[] = {"a", "b", "ab", "", "x/y", "~", "a long name of a member"};
        return names[stream_.next() % std::size(names)];
    }

    Document take_number()
    {
        static constexpr const char *numbers[] = {"0",
                                                  "1",
                                                  "2",
                                                  "3",
                                                  "-1",
                                                  "0.5",
                                                  "10000",
                                                  "0.01",
                                                  "12345678901234567890123",
                                                  "-99999999.0001",
                                                  "4294967296"};
        Document made = constant(Document::Kind::Number);
        made.text = TextParser::numeric(numbers[stream_.next() % std::size(numbers)]);
        return made;
    }

    Document take_count()
    {
        Document made = constant(Document::Kind::Number);
        made.text = TextParser::numeric(std::to_string(stream_.next() % 5));
        return made;
    }

    Document take_list(int depth)
    {
        Document made = array({});
        for (int schemas = stream_.next() % 4; schemas >= 0; --schemas)
            made.elements.push_back(take_schema(depth));
        return made;
    }

    Document take_strings()
    {
        Document made = array({});
        for (int strings = stream_.next() % 3; strings >= 0; --strings)
            made.elements.push_back(string(take_name()));
        return made;
    }

    template <typename Take> Document take_map(Take take)
    {
        Document made = object();
        for (int members = stream_.next() % 4; members > 0; --members) {
            const std::string name = take_name();
            made.members[name] = take();
        }
        return made;
    }

    Document take_shaped(Shape shape, int depth)
    {
        switch (shape) {
        case Shape::Schema:
            return take_schema(depth);
        case Shape::Schemas:
            return take_list(depth);
        case Shape::SchemaMap:
            return take_map([&] { return take_schema(depth); });
        case Shape::SchemaOrList:
            return stream_.next() % 4 == 3 ? take_list(depth) : take_schema(depth);
        case Shape::Dependencies:
            return take_map([&] { return stream_.next() % 2 == 0 ? take_strings() : take_schema(depth); });
        case Shape::Strings:
            return take_strings();
        case Shape::StringsMap:
            return take_map([&] { return take_strings(); });
        case Shape::Count:
            return take_count();
        case Shape::Number:
            return take_number();
        case Shape::Boolean:
            return constant(stream_.next() % 4 == 0 ? Document::Kind::False : Document::Kind::True);
        case Shape::Types:
            return choice({"object", "array", "string", "integer", "number", "null", "boolean"});
        case Shape::Reference:
            return choice({"#", "#/$defs/a", "#/$defs/b", "#a", "#/definitions/ab", "#/properties/a", "a",
                           "b#a", "#/items", "#/unknown", "#/allOf/0", "%23", "../a?b#"});
        case Shape::Anchor:
            return choice({"a", "b"});
        case Shape::Identifier:
            return choice({"a", "b", "#a", "http://x/a", "urn:a"});
        case Shape::Pattern:
            return choice({"^a", "^x_", "a+$", "[ab]*", "(", ""});
        case Shape::Format:
            return choice({"date", "email", "uri", "ipv6", "regex", "json-pointer", "unknown"});
        case Shape::Dialect:
            return choice({"https://json-schema.org/draft/2020-12/schema",
                           "https://json-schema.org/draft/2019-09/schema",
                           "http://json-schema.org/draft-07/schema#", "a"});
        case Shape::Value:
            break;
        }
        return take_value(depth);
    }

    Stream &stream_;
    int nodes_ = 0;
};

} // namespace opigno::test
