#include "store/pinyin.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string>

namespace landglass::store {
namespace {

std::string sorted(const std::string& values) {
  sqlite3* db = nullptr;
  EXPECT_EQ(sqlite3_open(":memory:", &db), SQLITE_OK);
  add_pinyin(db);
  std::string out;
  const auto sql = "SELECT column1 FROM (VALUES " + values + ") ORDER BY column1 COLLATE pinyin";
  const auto take = [](void* to, int, char** texts, char**) {
    *static_cast<std::string*>(to) += std::string(texts[0]) + " ";
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(db, sql.c_str(), take, &out, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
  sqlite3_close(db);
  return out;
}

TEST(Pinyin, PutsNamesWherePeopleLookForThem) {
  EXPECT_EQ(sorted("('张'), ('安'), ('李'), ('陈'), ('王'), ('白')"), "安 白 陈 李 王 张 ");
  EXPECT_EQ(sorted("('池园镇'), ('坂东镇'), ('梅城镇'), ('白中镇')"), "白中镇 坂东镇 池园镇 梅城镇 ");
}

TEST(Pinyin, ReadsNumbersByTheirValue) {
  EXPECT_EQ(sorted("('10号地块'), ('9号地块'), ('2号地块')"), "2号地块 9号地块 10号地块 ");
}

}  // namespace
}  // namespace landglass::store
