# A panel plugin: an OBJECT library (which tests link too) and a thin MODULE in build/lib/plugins.
#   driftscope_plugin(NAME cells TITLE "Cells" SUMMARY "What it is for." SOURCES plugin.cpp panel.cpp LINK widgets_image core_cells
#                     [VERSION 1.0.0] [ABI text] [FOLDER folder])
# makes the targets plugin_cells and plugin_cells_module. The source with Q_PLUGIN_METADATA names FILE "cells/plugin.json",
# which is written here: {id, title, summary, version, apiLevel, abi}. The host reads it before it runs any code of the plugin.
# ABI and FOLDER are for tests, which need plugins that do not fit.

# Bump with every change of plugins/api that old plugins would not survive.
set(DRIFTSCOPE_PLUGIN_API_LEVEL 1)

# Objects cross the border between program and plugin, so both must have seen the same headers, compiler and Qt.
file(GLOB contract_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/plugins/api/*.h ${PROJECT_SOURCE_DIR}/widgets/session/*.h
  ${PROJECT_SOURCE_DIR}/core/base/*.h ${PROJECT_SOURCE_DIR}/core/table/*.h ${PROJECT_SOURCE_DIR}/core/label/*.h)
list(SORT contract_headers)
set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${contract_headers})
set(contract_hashes "")
foreach(header ${contract_headers})
  file(SHA256 ${header} hash)
  string(APPEND contract_hashes ${hash})
endforeach()
string(SHA256 contract_hash "${contract_hashes}")
string(SUBSTRING ${contract_hash} 0 12 contract_hash)
set(DRIFTSCOPE_PLUGIN_ABI
  "${CMAKE_CXX_COMPILER_ID}-${CMAKE_CXX_COMPILER_VERSION} Qt-${Qt6_VERSION_MAJOR}.${Qt6_VERSION_MINOR} ${contract_hash}")

function(driftscope_plugin)
  cmake_parse_arguments(ARG "" "NAME;TITLE;SUMMARY;VERSION;ABI;FOLDER" "SOURCES;LINK" ${ARGN})
  set(target plugin_${ARG_NAME})
  if(NOT ARG_VERSION)
    set(ARG_VERSION ${PROJECT_VERSION})
  endif()
  if(NOT ARG_ABI)
    set(ARG_ABI ${DRIFTSCOPE_PLUGIN_ABI})
  endif()
  if(NOT ARG_FOLDER)
    set(ARG_FOLDER ${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/plugins)
    set_property(GLOBAL APPEND PROPERTY DRIFTSCOPE_PLUGINS ${ARG_NAME})  # tests/plugins runs the contract test for each
  endif()
  set(metadata ${CMAKE_CURRENT_BINARY_DIR}/metadata)
  file(CONFIGURE OUTPUT ${metadata}/${ARG_NAME}/plugin.json @ONLY CONTENT
"{\"id\": \"@ARG_NAME@\", \"title\": \"@ARG_TITLE@\", \"summary\": \"@ARG_SUMMARY@\", \"version\": \"@ARG_VERSION@\", \"apiLevel\": @DRIFTSCOPE_PLUGIN_API_LEVEL@, \"abi\": \"@ARG_ABI@\"}
")
  add_library(${target} OBJECT ${ARG_SOURCES})
  # Neither AUTOMOC nor the compiler's dependencies notice that the metadata changed: another option makes moc run again,
  # and the first source, which holds Q_PLUGIN_METADATA, is compiled again.
  file(SHA256 ${metadata}/${ARG_NAME}/plugin.json metadata_hash)
  set_target_properties(${target} PROPERTIES AUTOMOC ON AUTOMOC_MOC_OPTIONS "-DDRIFTSCOPE_PLUGIN_METADATA=${metadata_hash}")
  list(GET ARG_SOURCES 0 plugin_source)
  set_source_files_properties(${plugin_source} PROPERTIES OBJECT_DEPENDS ${metadata}/${ARG_NAME}/plugin.json)
  target_include_directories(${target} PRIVATE ${metadata})
  target_link_libraries(${target} PUBLIC plugins_api ${ARG_LINK})
  add_library(${target}_module MODULE $<TARGET_OBJECTS:${target}>)
  target_link_libraries(${target}_module PRIVATE plugins_api ${ARG_LINK})
  set_target_properties(${target}_module PROPERTIES PREFIX "" OUTPUT_NAME ${ARG_NAME} LIBRARY_OUTPUT_DIRECTORY ${ARG_FOLDER})
endfunction()
