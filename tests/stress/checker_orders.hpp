// All interval orders of some messages (a send and a receive each) and some `empty` answers, each
// once up to renaming of messages and of answers.
//
// An interval order has one shortest form: in each of its steps at least one operation begins, then
// at least one ends. Operations that have done the same so far are interchangeable: of those, the
// first ones go on. The number of orders with names follows from the count of each form's
// renamings, and is known (OEIS A079144): so the enumeration checks itself.
#pragma once

#include <cstdint>
#include <vector>

namespace weir::test {

class IntervalOrders {
 public:
  struct Interval {
    int begin = 0;  // a step; it ends after all that begins in its last step has begun
    int end = 0;
  };

  IntervalOrders(std::size_t messages, std::size_t answers)
      : messages_(messages), items_(messages + answers) {}

  /// Calls visit() for each, which then is what the functions below tell.
  template <class Visit>
  void each(const Visit& visit) {
    with_names_ = 0;
    for (Item& item : items_) item = Item{};
    for (std::size_t i = 0; i < items_.size(); ++i) items_[i].same = i != 0 && i != messages_;
    step(0, visit);
  }

  [[nodiscard]] const Interval& send(std::size_t message) const { return items_[message].first; }
  [[nodiscard]] const Interval& receive(std::size_t message) const {
    return items_[message].second;
  }
  [[nodiscard]] const Interval& answer(std::size_t number) const {
    return items_[messages_ + number].first;
  }

  /// After each(): how many orders there are if all operations have names.
  [[nodiscard]] std::uint64_t with_names() const noexcept { return with_names_; }

 private:
  /// A message has two intervals, an answer one. Bit 0: the first, bit 1: the second.
  struct Item {
    Interval first{};
    Interval second{};
    unsigned begun = 0;
    unsigned ended = 0;
    bool same = false;  // has done the same as the item before it
  };

  [[nodiscard]] unsigned all_of(std::size_t i) const { return i < messages_ ? 3 : 1; }

  template <class Visit>
  void step(int number, const Visit& visit) {
    bool over = true;
    for (std::size_t i = 0; i < items_.size(); ++i) over = over && items_[i].ended == all_of(i);
    if (over) return leaf(visit);
    choose(0, true, false, 3, number, visit);
  }

  /// Lets item `i` and those after it begin (or end) something. `most`: what the one before did.
  template <class Visit>
  void choose(std::size_t i, bool beginning, bool any, unsigned most, int number,
              const Visit& visit) {
    if (i == items_.size()) {
      if (!any) return;
      if (beginning) return choose(0, false, false, 3, number, visit);
      return step(number + 1, visit);
    }
    const Item before = items_[i];
    const unsigned open = beginning ? all_of(i) & ~before.begun : before.begun & ~before.ended;
    for (unsigned act = 0; act <= 3; ++act) {
      if ((act & ~open) != 0 || (before.same && act > most)) continue;
      Item& item = items_[i];
      item.same = before.same && act == most;
      (beginning ? item.begun : item.ended) |= act;
      if ((act & 1) != 0) (beginning ? item.first.begin : item.first.end) = number;
      if ((act & 2) != 0) (beginning ? item.second.begin : item.second.end) = number;
      choose(i + 1, beginning, any || act != 0, act, number, visit);
      item = before;
    }
  }

  template <class Visit>
  void leaf(const Visit& visit) {
    std::uint64_t names = 1;
    std::uint64_t alike = 1;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      names *= i < messages_ ? i + 1 : i - messages_ + 1;
      alike = items_[i].same ? alike + 1 : 1;
      names /= alike;  // divides: the factorial holds that of each group of equals
    }
    with_names_ += names;
    visit();
  }

  std::size_t messages_;
  std::vector<Item> items_;
  std::uint64_t with_names_ = 0;
};

}  // namespace weir::test
