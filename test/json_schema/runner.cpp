/*
 * Runs files of the official JSON-Schema-Test-Suite: runner FOLDER FILE... prints a line for each test, with
 * tabs between the file, the description of the group, that of the test, and the outcome: "passed", "wrong",
 * or why the schema or the value was refused. With --texts, prints the schema, the value and "true" or
 * "false" in its place.
 */
#include "fuzz/read_text.hpp"
#include "json_schema/plain_numbers.hpp"
#include "json_schema/raw_json.hpp"
#include "json/schema/compile.hpp"
#include "json/schema/evaluate.hpp"

#include <fstream>
#include <iostream>
#include <sstream>

namespace {

using namespace opigno;
using namespace opigno::json::schema;

std::string content_of(const std::string &path)
{
    std::ifstream file(path);
    std::stringstream made;
    made << file.rdbuf();
    if (!file || made.str().empty())
        throw std::runtime_error("cannot read " + path);
    return made.str();
}

Draft draft_of(std::string_view file)
{
    static constexpr std::pair<std::string_view, Draft> drafts[] = {{"draft4/", Draft::Draft4},
                                                                    {"draft6/", Draft::Draft6},
                                                                    {"draft7/", Draft::Draft7},
                                                                    {"draft2019-09/", Draft::Draft2019},
                                                                    {"draft2020-12/", Draft::Draft2020}};
    for (const auto &[folder, draft] : drafts)
        if (file.starts_with(folder))
            return draft;
    throw std::runtime_error("no known draft: " + std::string(file));
}

/* The jsonb of a text, which is empty if jsonb cannot hold it. */
std::string jsonb_of(std::string_view text)
{
    return test::read(test::with_plain_numbers(text)).value_or("");
}

json::Value root_of(const std::string &jsonb)
{
    if ((json::word(jsonb.data()) & json::scalar_flag) != 0)
        return json::Elements(jsonb.data()).value();
    return {json::container_type, jsonb};
}

std::string outcome_of(const Program &program, std::string_view data, bool is_valid)
{
    const std::string jsonb = jsonb_of(data);
    if (jsonb.empty())
        return "jsonb cannot hold the value";
    const Verdict verdict = judge(program, root_of(jsonb));
    if (verdict == Verdict::TooDeep || verdict == Verdict::TooExpensive)
        return "too expensive";
    if (verdict == Verdict::Invalid) {
        Faults faults;
        find_faults(program, root_of(jsonb), 100, faults);
        if (faults.empty())
            return "wrong: no faults of a value that violates the schema";
    }
    return (verdict == Verdict::Valid) == is_valid ? "passed" : "wrong";
}

/* The text in a line and without tabs; white space in JSON strings is escaped already. */
std::string line_of(std::string_view text)
{
    std::string made;
    for (const char c : text)
        made += c == '\n' || c == '\t' || c == '\r' ? ' ' : c;
    return made;
}

class Runner {
  public:
    Runner(std::string folder, bool prints_texts) : folder_(std::move(folder)), prints_texts_(prints_texts) {}

    void run(const std::string &file) const
    {
        const std::string text = content_of(folder_ + "/" + file);
        for (const std::string_view group : test::RawJson(text).parts())
            run_group(file, group);
    }

  private:
    void run_group(const std::string &file, std::string_view group) const
    {
        const test::Arena arena;
        const std::string_view schema = test::member(group, "schema");
        const std::string jsonb = jsonb_of(schema);
        SchemaFaults faults;
        SchemaFaults unknown;
        Options options{draft_of(file), file.find("/optional/format/") != std::string::npos};
        const Program *program = jsonb.empty() ? nullptr : compile(root_of(jsonb), options, faults, unknown);
        for (const std::string_view test : test::RawJson(test::member(group, "tests")).parts()) {
            const std::string_view data = test::member(test, "data");
            const std::string_view valid = test::member(test, "valid");
            std::cout << file << "\t" << line_of(test::member(group, "description")) << "\t"
                      << line_of(test::member(test, "description")) << "\t";
            if (prints_texts_)
                std::cout << line_of(schema) << "\t" << line_of(data) << "\t" << valid << "\n";
            else if (jsonb.empty())
                std::cout << "jsonb cannot hold the schema\n";
            else if (program == nullptr)
                std::cout << "refused: " << faults[0].pointer << ": " << faults[0].message << "\n";
            else
                std::cout << outcome_of(*program, data, valid == "true") << "\n";
        }
    }

    std::string folder_;
    bool prints_texts_;
};

} // namespace

int main(int count, char **arguments)
try {
    const std::vector<std::string> words(arguments + 1, arguments + count);
    const bool prints_texts = !words.empty() && words[0] == "--texts";
    const std::size_t first = prints_texts ? 1 : 0;
    const Runner runner(words.at(first), prints_texts);
    for (std::size_t at = first + 1; at < words.size(); ++at)
        runner.run(words[at]);
    return 0;
} catch (const std::exception &error) {
    std::cerr << "runner: " << error.what() << "\n";
    return 1;
}
