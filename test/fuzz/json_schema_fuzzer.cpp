/*
 * libFuzzer over JSON Schema: an input is a schema and a document. The first byte chooses the draft and
 * whether formats are asserted.
 *   fuzz_json_schema FOLDER                runs until it finds something
 */
#include "fuzz/merge_laws.hpp"
#include "fuzz/take_schema.hpp"
#include "json/schema/compile.hpp"
#include "json/schema/evaluate.hpp"

#include <cstdio>
#include <cstdlib>

namespace {

using namespace opigno;
using namespace opigno::json::schema;

void check(bool holds, const char *law)
{
    if (holds)
        return;
    std::fprintf(stderr, "broken: %s\n", law);
    std::abort();
}

bool is_pointer(std::string_view text)
{
    return text.empty() || text[0] == '/';
}

/* The document, in bytes that begin and end where it says. */
test::Exact bytes_of(const test::Document &document)
{
    return test::Exact(test::container_of(test::array({document})));
}

json::Value value_of(const test::Exact &bytes)
{
    return json::Entries(bytes.data(), 1).value(0);
}

void check_reports(const SchemaFaults &reports)
{
    check(reports.size() <= max_schema_faults, "reports are limited");
    for (std::size_t at = 0; at < reports.size(); ++at) {
        check(is_pointer(reports[at].pointer), "a report has a pointer");
        check(*reports[at].message != '\0', "a report has a message");
    }
}

void check_program(const Program &program)
{
    const auto check_node = [&](NodeId node) {
        check(node == no_node || node < program.nodes.size(), "nodes are in the program");
    };
    check(program.root < program.nodes.size(), "the root is a node");
    for (const Node &node : program.nodes) {
        check(is_pointer(node.pointer), "a node has a pointer");
        check(node.resource < program.resources.size(), "a node has a resource");
        if (node.object == nullptr)
            continue;
        std::uint32_t required = 0;
        for (const Property &property : node.object->properties) {
            check_node(property.schema);
            required += property.is_required ? 1 : 0;
            check(property.is_required || property.schema != no_node, "a property has a reason");
        }
        check(required == node.object->required, "required properties are counted");
    }
    for (const Resource &resource : program.resources)
        for (const DynamicAnchor &anchor : resource.anchors)
            check(anchor.node < program.nodes.size(), "an anchor has a node");
}

/* find_faults() has a fault without a keyword if it finds none, and for a root that is false. */
void check_faults(const Program &program, const json::Value &value, std::size_t most, Verdict verdict)
{
    Faults faults;
    find_faults(program, value, most, faults);
    check(!faults.empty() && faults.size() <= most, "faults are limited");
    const bool is_found = !faults[0].keyword.empty() || program.nodes[program.root].accepts_nothing;
    check(is_found == (verdict == Verdict::Invalid), "the values that are not valid have faults");
    for (std::size_t at = 0; at < faults.size(); ++at) {
        check(is_pointer(faults[at].instance) && is_pointer(faults[at].generalized), "a fault has a place");
        check(is_pointer(faults[at].schema), "a fault has a place in the schema");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    test::Stream stream({reinterpret_cast<const char *>(data), size});
    const unsigned choices = stream.next();
    const test::Exact schema = bytes_of(test::SchemaTaker(stream).take_schema());
    const test::Exact document = bytes_of(test::SchemaTaker(stream).take_value());
    const test::Arena memory;
    const Options options{static_cast<Draft>(choices % 5), choices >= 128};
    SchemaFaults faults;
    SchemaFaults unknown;
    const Program *program = compile(value_of(schema), options, faults, unknown);
    check((program == nullptr) == !faults.empty(), "a schema is compiled unless it has faults");
    check_reports(faults);
    check_reports(unknown);
    if (program == nullptr)
        return 0;
    check_program(*program);
    const Verdict verdict = judge(*program, value_of(document));
    check(judge(*program, value_of(document)) == verdict, "judging repeats itself");
    if (verdict == Verdict::Valid || verdict == Verdict::Invalid) {
        check_faults(*program, value_of(document), 1, verdict);
        check_faults(*program, value_of(document), 100, verdict);
    }
    return 0;
}
