#include "json/schema/run_pattern.hpp"

#include "json/schema/format_scan.hpp"
#include "json/value/host.hpp"

#include <algorithm>
#include <cstring>

namespace opigno::json::schema {

namespace {

constexpr std::size_t max_runs = 8;
constexpr std::uint32_t unbounded = 0xFFFFFFFF;

bool is_ascii(char c)
{
    return static_cast<unsigned char>(c) < 0x80;
}

bool has(const Run &run, char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x80 && (run.characters[byte / 64] >> (byte % 64) & 1U) != 0;
}

void add(Run &run, char first, char last)
{
    for (unsigned c = static_cast<unsigned char>(first); c <= static_cast<unsigned char>(last); ++c)
        run.characters[c / 64] |= std::uint64_t{1} << (c % 64);
}

bool shares_characters(const Run &left, const Run &right)
{
    return ((left.characters[0] & right.characters[0]) | (left.characters[1] & right.characters[1])) != 0;
}

/* Whether a run that could also be shorter shares no character with what can follow it. */
bool has_one_way(std::span<const Run> runs)
{
    for (std::size_t at = 0; at < runs.size(); ++at) {
        if (runs[at].least == runs[at].most)
            continue;
        for (std::size_t next = at + 1; next < runs.size(); ++next) {
            if (shares_characters(runs[at], runs[next]))
                return false;
            if (runs[next].least > 0)
                break;
        }
    }
    return true;
}

class Reader {
  public:
    explicit Reader(std::string_view source)
        : rest_(source), prefix_(static_cast<char *>(allocate(source.size() + 1)))
    {
    }

    bool read()
    {
        if (rest_.empty())
            return true;
        if (!take(rest_, '^'))
            return false;
        while (!rest_.empty() && rest_ != "$")
            if (!take_part())
                return false;
        is_whole_ = !rest_.empty();
        if (!is_whole_ && count_ > 0)
            runs_[count_ - 1].most = runs_[count_ - 1].least;
        return has_one_way({runs_, count_});
    }

    [[nodiscard]] RunPattern made() const
    {
        auto *runs = static_cast<Run *>(allocate(max_runs * sizeof(Run)));
        std::memcpy(runs, runs_, count_ * sizeof(Run));
        return {{prefix_, prefix_size_}, {runs, count_}, is_whole_};
    }

  private:
    /* Takes an atom and its quantifier. */
    bool take_part()
    {
        Run run{};
        char single = '\0';
        if (!take_atom(run, single) || !take_quantifier(run))
            return false;
        const bool is_once = run.least == 1 && run.most == 1;
        if (single != '\0' && is_once && count_ == 0) {
            prefix_[prefix_size_++] = single;
            return true;
        }
        if (count_ == max_runs || (single != '\0' && !is_ascii(single)))
            return false;
        runs_[count_++] = run;
        return true;
    }

    bool take_atom(Run &run, char &single)
    {
        const char c = rest_[0];
        if (c == '[')
            return take_class(run);
        if (c == '\\')
            return take_escape(run, single);
        if (std::string_view("^$.*+?(){}|]").find(c) != std::string_view::npos)
            return false;
        rest_.remove_prefix(1);
        single = c;
        if (is_ascii(c))
            add(run, c, c);
        return true;
    }

    bool take_class(Run &run)
    {
        rest_.remove_prefix(1);
        while (!rest_.starts_with(']'))
            if (!take_range(run))
                return false;
        rest_.remove_prefix(1);
        return true;
    }

    bool take_range(Run &run)
    {
        char first = '\0';
        char last = '\0';
        if (!take_class_atom(run, first))
            return false;
        if (!rest_.starts_with('-') || rest_.starts_with("-]"))
            return true;
        rest_.remove_prefix(1);
        if (!take_class_atom(run, last) || first == '\0' || last == '\0')
            return false;
        add(run, first, last);
        return true;
    }

    bool take_class_atom(Run &run, char &single)
    {
        if (rest_.empty() || rest_[0] == '^' || !is_ascii(rest_[0]))
            return false;
        if (rest_[0] == '\\')
            return take_escape(run, single);
        single = rest_[0];
        add(run, single, single);
        rest_.remove_prefix(1);
        return true;
    }

    bool take_escape(Run &run, char &single)
    {
        if (rest_.size() < 2)
            return false;
        const char c = rest_[1];
        if (c == 'd' || c == 'w')
            add(run, '0', '9');
        if (c == 'w') {
            add(run, 'A', 'Z');
            add(run, 'a', 'z');
            add(run, '_', '_');
        }
        if (c != 'd' && c != 'w') {
            if (!is_ascii(c) || is_ascii_letter(c) || is_digit(c))
                return false;
            single = c;
            add(run, c, c);
        }
        rest_.remove_prefix(2);
        return true;
    }

    bool take_quantifier(Run &run)
    {
        run.least = 1;
        run.most = 1;
        if (take(rest_, '{')) {
            if (!take_counts(run))
                return false;
        } else if (take(rest_, '*')) {
            run.least = 0;
            run.most = unbounded;
        } else if (take(rest_, '+')) {
            run.most = unbounded;
        } else if (take(rest_, '?')) {
            run.least = 0;
        }
        return !rest_.starts_with('?');
    }

    bool take_counts(Run &run)
    {
        if (!take_count(run.least))
            return false;
        run.most = run.least;
        if (take(rest_, ',')) {
            run.most = unbounded;
            if (!rest_.starts_with('}') && !take_count(run.most))
                return false;
        }
        return take(rest_, '}');
    }

    bool take_count(std::uint32_t &count)
    {
        constexpr std::size_t max_digits = 4;
        const std::size_t size = count_front(rest_, is_digit);
        int number = 0;
        if (size == 0 || size > max_digits || !take_number(rest_, size, 0, 9999, number))
            return false;
        count = static_cast<std::uint32_t>(number);
        return true;
    }

    std::string_view rest_;
    char *prefix_;
    std::size_t prefix_size_ = 0;
    Run runs_[max_runs];
    std::size_t count_ = 0;
    bool is_whole_ = false;
};

static_assert(std::is_trivially_destructible_v<Reader>);

} // namespace

bool read_run_pattern(std::string_view source, RunPattern &pattern)
{
    Reader reader(source);
    if (!reader.read())
        return false;
    pattern = reader.made();
    return true;
}

bool has_runs(const RunPattern &pattern, std::string_view text, std::size_t at)
{
    for (const Run &run : pattern.runs) {
        const std::size_t longest = std::min<std::size_t>(text.size(), at + run.most);
        const std::size_t start = at;
        while (at < longest && has(run, text[at]))
            ++at;
        if (at - start < run.least)
            return false;
    }
    return !pattern.is_whole || at == text.size();
}

} // namespace opigno::json::schema
