#include "json/text/repeated_members.hpp"

#include "pg/pointer.hpp"
#include "pg/text.hpp"
#include "pg/vector.hpp"
#include "json/text/json_text.hpp"
#include "json/text/string_text.hpp"
#include "json/text/syntax_error.hpp"
#include "json/text/text_scanner.hpp"

#include <algorithm>
#include <span>

namespace opigno::json {

namespace {

constexpr std::size_t max_in_path = 255; /* a name can have any size */

/* Reads the objects of a text, of any depth, in one pass and without recursion. */
class NestedObjects {
  public:
    NestedObjects(std::string_view json_text, pg::Errors &errors, std::span<const std::string_view> skipped)
        : scanner_(json_text), errors_(errors), skipped_(skipped)
    {
    }

    void read()
    {
        do
            read_value();
        while (go_to_next_value() && !errors_.is_full());
    }

  private:
    /* An object or array that is open. */
    struct Level {
        bool is_object;
        int index;              /* of the element that is read */
        std::size_t first_name; /* in names_: those of open objects, with the member that is read last */
    };

    Level &level() { return levels_[levels_.size() - 1]; }

    void read_value()
    {
        scanner_.skip_space();
        while ((scanner_.is_at('{') || scanner_.is_at('[')) && !is_skipped()) {
            const bool is_object = scanner_.take('{');
            if (!is_object)
                scanner_.take('[');
            levels_.push_back({is_object, 0, names_.size()});
            scanner_.skip_space();
            if (scanner_.is_at('}') || scanner_.is_at(']'))
                return;
            read_name();
        }
        scanner_.skip_value();
    }
    /* Whether the value is that of a member whose values are skipped. */
    bool is_skipped()
    {
        return !levels_.empty() && level().is_object &&
               std::find(skipped_.begin(), skipped_.end(), names_[names_.size() - 1]) != skipped_.end();
    }
    void read_name()
    {
        scanner_.skip_space();
        std::string_view name;
        if (level().is_object && scanner_.read_string(name)) {
            names_.push_back(unescaped(name));
            scanner_.take(':');
            scanner_.skip_space();
        }
    }
    /* Closes what ends here. Returns false at the end of the text. */
    bool go_to_next_value()
    {
        while (!levels_.empty() && !scanner_.take(',')) {
            scanner_.take(level().is_object ? '}' : ']');
            close();
        }
        if (levels_.empty())
            return false;
        ++level().index;
        read_name();
        return true;
    }
    void close()
    {
        const std::size_t first = level().first_name;
        add_repeated({names_.begin() + first, names_.end()});
        while (names_.size() > first)
            names_.pop_back();
        levels_.pop_back();
    }
    /* Adds an error for each name that comes more than once. */
    void add_repeated(std::span<std::string_view> names)
    {
        std::sort(names.begin(), names.end(), [](std::string_view left, std::string_view right) {
            poll();
            return left < right;
        });
        for (std::size_t at = 1; at < names.size() && !errors_.is_full(); ++at)
            if (names[at] == names[at - 1] && (at == 1 || names[at] != names[at - 2]))
                errors_.add(repeated_member(names[at], pointer()));
    }
    /* The JSON Pointer of the innermost object; "" if it is long. */
    [[nodiscard]] const char *pointer() const
    {
        StringInfoData out;
        initStringInfo(&out);
        for (std::size_t at = 0; at + 1 < levels_.size(); ++at) {
            if (levels_[at].is_object)
                pg::append_member(&out, names_[levels_[at + 1].first_name - 1]);
            else
                appendStringInfo(&out, "/%d", levels_[at].index);
            if (out.len > static_cast<int>(max_in_path))
                return "";
        }
        return out.data;
    }

    TextScanner scanner_;
    pg::Errors &errors_;
    std::span<const std::string_view> skipped_;
    pg::Vector<Level> levels_;
    pg::Vector<std::string_view> names_;
};

static_assert(std::is_trivially_destructible_v<NestedObjects>);

} // namespace

void add_repeated_members(std::string_view text, pg::Errors &errors,
                          std::span<const std::string_view> skipped)
{
    NestedObjects(text, errors, skipped).read();
}

pg::Error repeated_member(std::string_view name, const char *pointer)
{
    const char *path = name.size() <= max_in_path ? pg::pointer_to(name) : "";
    return {ERRCODE_INVALID_PARAMETER_VALUE, psprintf("%s%s", pointer, path),
            psprintf("member \"%s\" is given more than once", pg::quoted(name))};
}

Jsonb *read_distinct(std::string_view text, pg::Errors &errors)
{
    bool may_repeat = false;
    pg::Error why{};
    Jsonb *value = try_read_json(text, why, &may_repeat);
    if (value == nullptr) {
        const SyntaxError error = find_syntax_error(text);
        if (error.reason == nullptr)
            errors.add(why.sqlstate, nullptr, "%s", why.message);
        else
            errors.add(why.sqlstate, nullptr, "invalid JSON at byte %zu: %s", error.at + 1, error.reason);
    } else if (may_repeat) {
        add_repeated_members(text, errors);
    }
    return value;
}

} // namespace opigno::json
