/* Documents and patches out of a stream of bytes: every input of the fuzzer is a pair of documents. */
#pragma once

#include "fuzz/document.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace opigno::test {

/* What is behind the end is 0: nothing more, by the choices below. */
class Stream {
  public:
    explicit Stream(std::string_view bytes) : bytes_(bytes) {}

    std::uint8_t next()
    {
        if (at_ == bytes_.size())
            return 0;
        return static_cast<std::uint8_t>(bytes_[at_++]);
    }

  private:
    std::string_view bytes_;
    std::size_t at_ = 0;
};

class Taker {
  public:
    explicit Taker(Stream &stream) : stream_(stream) {}

    Document take_object()
    {
        Document made = object();
        switch (stream_.next() % 4) {
        case 0:
        case 1:
            fill_small(made, 0);
            break;
        case 2:
            fill_wide(made);
            break;
        default:
            made = chain();
        }
        return made;
    }

    /* A patch of the base: edits of members that it has, of any place, and new ones. */
    Document take_patch(const Document &base)
    {
        Document made = object();
        for (int edits = stream_.next() % 8; edits > 0; --edits)
            take_edit(made, base);
        return made;
    }

  private:
    static constexpr int max_nodes = 400;
    static constexpr int max_depth = 8;

    void take_edit(Document &patch, const Document &base)
    {
        const std::uint8_t what = stream_.next();
        if (base.members.empty() || what % 8 == 0) {
            patch.members[take_key()] = take(1);
            return;
        }
        const auto place = stream_.next() % base.members.size();
        const auto member = std::next(base.members.begin(), static_cast<std::ptrdiff_t>(place));
        const auto &[key, old] = *member;
        if (what % 8 == 1)
            patch.members[key] = Document();
        else if (what % 8 == 2)
            patch.members[key] = old;
        else if (what % 8 == 3)
            patch.members[key + static_cast<char>('a' + what / 8 % 3)] = take(1);
        else if (what % 8 == 4 && !key.empty())
            patch.members[key.substr(1)] = take(1);
        else if (is_object(&old))
            patch.members[key] = take_patch(old);
        else
            patch.members[key] = take(1);
    }

    std::string take_key()
    {
        const std::uint8_t what = stream_.next();
        if (what >= 240)
            return std::string(stream_.next(), 'k');
        return std::string(what % 6, static_cast<char>('a' + what / 6 % 3));
    }

    Document take(int depth)
    {
        const std::uint8_t what = stream_.next();
        if (++nodes_ > max_nodes || depth > max_depth)
            return leaf(what);
        Document made = object();
        switch (what % 16) {
        case 10:
            return take_array(depth);
        case 11:
            return wide_array();
        case 12:
        case 13:
            fill_small(made, depth);
            return made;
        case 14:
            fill_wide(made);
            return made;
        case 15:
            return depth < 2 ? chain() : made;
        default:
            return leaf(what);
        }
    }

    /* Without reading on. */
    static Document leaf(unsigned what)
    {
        const char fill = static_cast<char>('A' + what / 16);
        switch (what % 16) {
        case 0:
            return {};
        case 1:
            return constant(Document::Kind::True);
        case 2:
            return constant(Document::Kind::False);
        case 3:
        case 4:
            return number(6 + 2 * (what / 16 % 5), fill);
        case 8:
            return array({});
        case 9:
            return object();
        case 10:
            return string(std::string(what * 3, fill));
        default:
            return string(std::string(what / 16 % 6, fill));
        }
    }

    void fill_small(Document &made, int depth)
    {
        for (int members = stream_.next() % 6; members > 0; --members) {
            const std::string key = take_key();
            made.members[key] = take(depth + 1);
        }
    }

    /* As many as offsets and the choice of a search depend on. */
    int take_width()
    {
        static constexpr int widths[] = {1, 30, 31, 32, 33, 63, 64, 65, 95, 96, 128, 160, 200, 260};
        const int width = widths[stream_.next() % std::size(widths)];
        nodes_ += width;
        return nodes_ > max_nodes ? 1 : width;
    }

    void fill_wide(Document &made)
    {
        const int width = take_width();
        int number = stream_.next();
        const int step = 1 + stream_.next() % 3;
        const unsigned first = stream_.next();
        const unsigned stride = stream_.next();
        for (int member = 0; member < width; ++member, number += step) {
            const unsigned what = (first + stride * static_cast<unsigned>(member)) % 256;
            Document value = leaf(what);
            if (what % 64 == 9)
                value.members["n"] = Document(); /* an object with a null */
            made.members[std::to_string(number)] = value;
        }
    }

    Document wide_array()
    {
        Document made = array({});
        const int width = take_width();
        const unsigned first = stream_.next();
        const unsigned stride = stream_.next();
        for (int element = 0; element < width; ++element)
            made.elements.push_back(leaf((first + stride * static_cast<unsigned>(element)) % 256));
        return made;
    }

    Document take_array(int depth)
    {
        Document made = array({});
        for (int elements = stream_.next() % 5; elements > 0; --elements)
            made.elements.push_back(take(depth + 1));
        return made;
    }

    /* Objects within objects. */
    Document chain()
    {
        const int levels = stream_.next() % 64;
        const std::uint8_t beside = stream_.next();
        nodes_ += 2 * levels;
        Document made = object();
        made.members["d"] = take(2);
        for (int level = 0; level < levels; ++level) {
            Document outer = object();
            outer.members["d"] = std::move(made);
            if (beside % 4 != 0)
                outer.members[std::string(beside % 5, 'a')] = leaf(beside + static_cast<unsigned>(level));
            made = std::move(outer);
        }
        return made;
    }

    Stream &stream_;
    int nodes_ = 0;
};

} // namespace opigno::test
