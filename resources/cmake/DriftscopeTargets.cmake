# One target per folder, with explicit links. Usage:
#   driftscope_library(NAME core_io SOURCES a.cpp b.cpp PUBLIC core_table PRIVATE PkgConfig::BLOSC)
# QT=ON turns on moc and forbids Qt keywords (torch uses `slots` as a name).
add_library(driftscope_options INTERFACE)
target_compile_options(driftscope_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow
  -Wno-missing-field-initializers  # parameter specs name the fields they set
  -Wno-restrict)                   # false positives of GCC 12 on std::string operator+
target_include_directories(driftscope_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(driftscope_options INTERFACE DRIFTSCOPE_VERSION="${PROJECT_VERSION}")

function(driftscope_library)
  cmake_parse_arguments(ARG "QT" "NAME" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${ARG_NAME} STATIC ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME} PUBLIC driftscope_options ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
  if(ARG_QT)
    set_target_properties(${ARG_NAME} PROPERTIES AUTOMOC ON)
    target_compile_definitions(${ARG_NAME} PUBLIC QT_NO_KEYWORDS)
  endif()
endfunction()

# driftscope_test(NAME core_base_test SOURCES x_test.cpp LINK core_base [GUI] [QT] [TIMEOUT 120])
# Core tests use GoogleTest; QT links Qt Test instead; GUI runs the test under Xvfb with the xcb platform.
function(driftscope_test)
  cmake_parse_arguments(ARG "QT;GUI" "NAME;TIMEOUT" "SOURCES;LINK" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME} PRIVATE driftscope_options ${ARG_LINK})
  target_compile_definitions(${ARG_NAME} PRIVATE
    DRIFTSCOPE_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data"
    DRIFTSCOPE_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    DRIFTSCOPE_BINARY_DIR="${PROJECT_BINARY_DIR}")
  if(ARG_QT OR ARG_GUI)
    set_target_properties(${ARG_NAME} PROPERTIES AUTOMOC ON)
    target_compile_definitions(${ARG_NAME} PRIVATE QT_NO_KEYWORDS)
    target_link_libraries(${ARG_NAME} PRIVATE Qt6::Test)
  else()
    target_link_libraries(${ARG_NAME} PRIVATE GTest::gtest_main GTest::gmock)
  endif()
  if(ARG_GUI)
    add_test(NAME ${ARG_NAME} COMMAND ${PROJECT_SOURCE_DIR}/tests/support/under_xvfb.sh $<TARGET_FILE:${ARG_NAME}>)
    set_tests_properties(${ARG_NAME} PROPERTIES LABELS gui)
  else()
    add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME})
  endif()
  set_tests_properties(${ARG_NAME} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
endfunction()

# Adds the subfolders that have a CMakeLists.txt, in dependency order.
function(driftscope_rooms)
  foreach(room ${ARGN})
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${room}/CMakeLists.txt)
      add_subdirectory(${room})
    endif()
  endforeach()
endfunction()

# Lets an executable that includes LibTorch reuse the precompiled header of core_tensor, which is compiled with -fPIC.
function(driftscope_reuse_torch_headers target)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${target} PRIVATE -fPIC)
  target_precompile_headers(${target} REUSE_FROM core_tensor)
endfunction()
