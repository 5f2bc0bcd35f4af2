# One library a folder: landglass_layer(<folder> NEEDS <lower folders> USES <foreign targets>).
# Sources, headers and tests are what stands in the folder; *_test.cpp and *_dbtest.cpp become <folder>_test.

add_library(landglass_options INTERFACE)
target_compile_features(landglass_options INTERFACE cxx_std_20)
target_compile_options(landglass_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-missing-field-initializers -Werror=return-type
  -Werror=unused-result -Wnon-virtual-dtor -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
target_include_directories(landglass_options INTERFACE ${CMAKE_SOURCE_DIR}/src)

# Sources that are compiled together are included, and g++ takes what is included for a header that many include.
if(LG_JOINED AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(landglass_options INTERFACE -Wno-subobject-linkage)
endif()

# What a command makes is made on one thread and freed on another (decision 0154).
if(LG_TCMALLOC)
  find_library(LG_ALLOCATOR tcmalloc_minimal REQUIRED)
endif()

function(landglass_layer folder)
  cmake_parse_arguments(LAYER "" "" "NEEDS;USES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp ${CMAKE_CURRENT_SOURCE_DIR}/*_dbtest.cpp)
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.hpp)
  if(tests)
    list(REMOVE_ITEM sources ${tests})
  endif()
  if(NOT sources)
    file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/empty.cpp "")
    set(sources ${CMAKE_CURRENT_BINARY_DIR}/empty.cpp)
  endif()
  add_library(landglass_${folder} STATIC ${sources})
  target_sources(landglass_${folder} PUBLIC FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR}/src FILES ${headers})
  set_target_properties(landglass_${folder} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ${LG_TESTS})
  set_target_properties(landglass_${folder} PROPERTIES UNITY_BUILD ${LG_JOINED} UNITY_BUILD_BATCH_SIZE 20)
  list(TRANSFORM LAYER_NEEDS PREPEND landglass_)
  target_link_libraries(landglass_${folder} PUBLIC landglass_options ${LAYER_NEEDS} PRIVATE ${LAYER_USES})
  if(LG_TESTS AND tests)
    add_executable(${folder}_test ${tests})
    set_target_properties(${folder}_test PROPERTIES UNITY_BUILD ${LG_JOINED} UNITY_BUILD_BATCH_SIZE 10)
    target_link_libraries(${folder}_test PRIVATE landglass_${folder} GTest::gtest_main ${LAYER_USES})
    target_compile_definitions(${folder}_test PRIVATE
      LG_SOURCE_DIR="${CMAKE_SOURCE_DIR}" LG_SHARED_DIR="${CMAKE_SOURCE_DIR}/../shared" LG_BUILD_DIR="${CMAKE_BINARY_DIR}")
    add_test(NAME ${folder} COMMAND ${folder}_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${folder} PROPERTIES TIMEOUT 600)
  endif()
endfunction()
