/*
 * What is wrong with a request, all of it: validators add one fault each, and
 * the caller either raises them as one error or writes them as the `errors` of
 * a JSON answer.
 */
#pragma once

#include "pg/vector.hpp"

#include <cstdint>
#include <type_traits>

namespace opigno::pg {

struct Fault {
    int sqlstate;        /* as ERRCODE_... packs it */
    const char *member;  /* the member or argument at fault, nullptr for the whole */
    int element;         /* the element of the member's list at fault, from 0; -1 for the whole member */
    const char *message; /* in PostgreSQL's style, and free of user data */
    const char *hint;    /* a sentence, or nullptr */
};

class Faults {
  public:
    /* Faults added from now on belong to this element of their member's list; -1: to the member. */
    void set_element(int element) { element_ = element; }

    /* The rest is for printf; messages longer than max_message bytes are cut. The first max_kept faults are
     * kept, the others only counted: a request may hold millions. */
    void add(int sqlstate, const char *member, const char *format, ...) __attribute__((format(printf, 4, 5)));

    /* The hint of the fault added last. */
    void hint(const char *sentence);

    [[nodiscard]] bool is_full() const { return faults_.size() >= max_kept; }
    [[nodiscard]] bool empty() const { return faults_.empty(); }
    [[nodiscard]] const Vector<Fault> &all() const { return faults_; }

    /* By member. */
    void sort();

    /* Returns if there is none; else an error with the first as message and others in DETAIL. */
    void raise() const;

  private:
    static constexpr std::size_t max_message = 400;
    static constexpr std::size_t max_in_detail = 10;
    static constexpr std::size_t max_kept = 100;

    Vector<Fault> faults_;
    std::size_t left_out_ = 0;
    int element_ = -1;
};

static_assert(std::is_trivially_destructible_v<Faults>);

} // namespace opigno::pg
