// Messages say who sent them, and notice when any of their bytes changed.
#include "harness/message.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "workloads/db_update.hpp"

namespace weir::test {
namespace {

TEST(MessageIds, SurviveTheirWord) {
  for (const std::uint32_t sender : {0U, 1U, 7U, 255U, 65533U}) {
    for (const std::uint64_t sequence : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 32,
                                         (std::uint64_t{1} << 48) - 1}) {
      const MessageId id = MessageId::of(MessageId{sender, sequence}.word());
      EXPECT_EQ(id.sender, sender);
      EXPECT_EQ(id.sequence, sequence);
    }
  }
}

TEST(MessageIds, AreNeverZeroAndNeverTheEndMark) {
  // Some queues keep zero for themselves; all ones ends a receiver.
  EXPECT_NE((MessageId{0, 0}.word()), 0U);
  EXPECT_NE((MessageId{65533, (std::uint64_t{1} << 48) - 1}.word()), kEndMark);
}

template <class T>
class Payloads : public testing::Test {};
using Sizes = testing::Types<Payload<16>, Payload<64>, Payload<256>>;
TYPED_TEST_SUITE(Payloads, Sizes);

TYPED_TEST(Payloads, NoticeAChangeOfAnySingleByte) {
  using Traits = MessageTraits<TypeParam>;
  for (const std::uint64_t sequence : {0U, 1U, 123456U}) {
    const std::uint64_t word = MessageId{3, sequence}.word();
    const TypeParam message = Traits::make(word);
    ASSERT_TRUE(Traits::intact(message));
    ASSERT_EQ(Traits::word(message), word);
    for (std::size_t byte = 0; byte < sizeof(TypeParam); ++byte) {
      for (const int mask : {0x01, 0x80, 0xff}) {
        TypeParam damaged = message;
        unsigned char bytes[sizeof(TypeParam)];
        std::memcpy(bytes, &damaged, sizeof bytes);
        bytes[byte] = static_cast<unsigned char>(bytes[byte] ^ mask);
        std::memcpy(&damaged, bytes, sizeof bytes);
        ASSERT_FALSE(Traits::intact(damaged)) << "byte " << byte << ", mask " << mask;
      }
    }
  }
}

TYPED_TEST(Payloads, FillEveryByteDifferentlyFromTheMessageBefore) {
  using Traits = MessageTraits<TypeParam>;
  const TypeParam a = Traits::make(MessageId{0, 1}.word());
  const TypeParam b = Traits::make(MessageId{0, 2}.word());
  for (std::size_t i = 0; i < a.words.size(); ++i) EXPECT_NE(a.words[i], b.words[i]);
  // A message that lies on the remains of another one is noticed as well.
  TypeParam torn = a;
  torn.words.back() = b.words.back();
  EXPECT_FALSE(Traits::intact(torn));
}

TEST(Boxes, CarryTheirWordAndNoticeThatTheyAreEmpty) {
  using Traits = MessageTraits<BoxedPayload>;
  const std::uint64_t word = MessageId{1, 5}.word();
  const BoxedPayload box = Traits::make(word);
  EXPECT_EQ(Traits::word(box), word);
  EXPECT_TRUE(Traits::intact(box));
  EXPECT_FALSE(Traits::intact(BoxedPayload{})) << "moved from, or never filled";
  EXPECT_EQ(Traits::word(BoxedPayload{}), 0U);
}

TEST(Boxes, CanCarryTheEndMark) {
  using Traits = MessageTraits<BoxedPayload>;
  EXPECT_EQ(Traits::word(Traits::make(kEndMark)), kEndMark);
}

TEST(Updates, NoticeAChangeOfAnyField) {
  using Traits = MessageTraits<Update>;
  const Update update = Traits::make(MessageId{1, 77}.word());
  EXPECT_TRUE(Traits::intact(update));
  for (int field = 0; field < 3; ++field) {
    Update changed = update;
    if (field == 0) changed.id ^= 1;
    if (field == 1) changed.row ^= 1;
    if (field == 2) changed.amount ^= 1;
    EXPECT_FALSE(Traits::intact(changed)) << field;
  }
}

TEST(Updates, SpreadOverTheRowsAndBothSigns) {
  const Table table;
  std::set<std::uint64_t> rows;
  int negative = 0;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    const Update update = Update::of(MessageId{0, i}.word());
    rows.insert(table.row_of(update));
    negative += update.amount < 0 ? 1 : 0;
  }
  EXPECT_EQ(rows.size(), Table::kRows);
  EXPECT_NEAR(negative, 10'000, 1000);
}

TEST(Tables, DifferWhenAnUpdateIsLostDoubledOrAnothers) {
  const auto table_of = [](std::initializer_list<std::uint64_t> sequences) {
    Table table;
    for (const std::uint64_t i : sequences) table.apply(Update::of(MessageId{0, i}.word()));
    return table;
  };
  const Table right = table_of({0, 1, 2});
  EXPECT_EQ(right, table_of({2, 0, 1})) << "sums do not know the order; the ledger does";
  EXPECT_NE(right, table_of({0, 1}));
  EXPECT_NE(right, table_of({0, 1, 2, 2}));
  EXPECT_NE(right, table_of({0, 1, 3}));
}

}  // namespace
}  // namespace weir::test
