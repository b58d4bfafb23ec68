/*
 * Takes JSON text apart without reading it: the values of an array or an object as texts. The files of the
 * official suite hold what jsonb cannot, such as U+0000, so that a file cannot be read as one document.
 */
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace opigno::test {

class RawJson {
  public:
    explicit RawJson(std::string_view text) : rest_(text) {}

    /* The elements of an array, or keys and values of an object in turn. */
    std::vector<std::string_view> parts()
    {
        std::vector<std::string_view> made;
        skip("[{");
        for (skip(" \t\r\n"); rest_.find_first_of("]}") != 0; skip(" \t\r\n,:"))
            made.push_back(value());
        return made;
    }

  private:
    void skip(std::string_view characters)
    {
        const std::size_t at = rest_.find_first_not_of(characters);
        if (at == std::string_view::npos)
            throw std::runtime_error("JSON text ends early");
        rest_.remove_prefix(at);
    }

    std::string_view value()
    {
        std::size_t at = 0;
        int depth = 0;
        do {
            if (rest_.at(at) == '"')
                at = end_of_string(at);
            else if (rest_[at] == '[' || rest_[at] == '{')
                ++depth;
            else if (rest_[at] == ']' || rest_[at] == '}')
                --depth;
            ++at;
        } while (depth > 0 || std::string_view(",:]} \t\r\n").find(rest_.at(at)) == std::string_view::npos);
        const std::string_view made = rest_.substr(0, at);
        rest_.remove_prefix(at);
        return made;
    }

    [[nodiscard]] std::size_t end_of_string(std::size_t at) const
    {
        for (++at; rest_.at(at) != '"'; ++at)
            if (rest_[at] == '\\')
                ++at;
        return at;
    }

    std::string_view rest_;
};

/* The text of a member, or nothing. */
inline std::string_view member(std::string_view object, const std::string &name)
{
    const std::vector<std::string_view> parts = RawJson(object).parts();
    for (std::size_t at = 0; at + 1 < parts.size(); at += 2)
        if (parts[at] == '"' + name + '"')
            return parts[at + 1];
    return {};
}

} // namespace opigno::test
