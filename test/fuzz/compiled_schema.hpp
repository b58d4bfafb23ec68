/* Schemas and values for unit tests and fuzzers, compiled and judged. */
#pragma once

#include "fuzz/host.hpp"
#include "fuzz/parse_text.hpp"

#include "json/schema/compile.hpp"
#include "json/schema/evaluate.hpp"

#include <gtest/gtest.h>

namespace opigno::test {

using json::schema::Draft;
using json::schema::Verdict;

/* The bytes of a value. */
class Bytes {
  public:
    explicit Bytes(const std::string &text)
    {
        const std::optional<Document> parsed = TextParser(text).parse();
        EXPECT_TRUE(parsed) << text;
        bytes_ = container_of(array({parsed.value_or(Document())}));
    }
    explicit Bytes(const Document &document) : bytes_(container_of(array({document}))) {}
    static Bytes of_container(std::string bytes) { return Bytes(std::move(bytes), json::container_type); }

    [[nodiscard]] json::Value value() const
    {
        return type_ ? json::Value{*type_, bytes_} : json::Entries(bytes_.data(), 1).value(0);
    }

  private:
    Bytes(std::string bytes, json::Type type) : bytes_(std::move(bytes)), type_(type) {}

    std::string bytes_;
    std::optional<json::Type> type_; /* of the value, or nothing: the bytes are an array with it */
};

struct Compiled {
    template <typename Source>
    explicit Compiled(const Source &source, Draft draft = Draft::Draft2020, bool asserts = false)
        : schema(source)
    {
        program = json::schema::compile(schema.value(), {draft, asserts}, faults, unknown);
    }

    /* The node of a keyword's subschema. */
    [[nodiscard]] const json::schema::Node &node(json::schema::NodeId at) const { return program->nodes[at]; }
    [[nodiscard]] const json::schema::Node &root() const { return node(program->root); }
    [[nodiscard]] Verdict judge(const Bytes &bytes) const
    {
        EXPECT_NE(program, nullptr);
        return program == nullptr ? Verdict::Invalid : json::schema::judge(*program, bytes.value());
    }
    template <typename Source> [[nodiscard]] Verdict judge(const Source &source) const
    {
        return judge(Bytes(source));
    }
    template <typename Source> [[nodiscard]] bool accepts(const Source &source) const
    {
        return judge(source) == Verdict::Valid;
    }

    Arena memory;
    Bytes schema;
    json::schema::SchemaFaults faults;
    json::schema::SchemaFaults unknown;
    const json::schema::Program *program;
};

} // namespace opigno::test
