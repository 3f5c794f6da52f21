#include "app/gui/options.h"

#include <QCommandLineParser>
#include <QDir>

namespace driftscope {

Result<Options> parseOptions(const QStringList& arguments, const QString& programFolder) {
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("See how things move through an embedding space, label them, train the models behind it."));
    parser.addPositionalArgument(QStringLiteral("path"), QStringLiteral("A project, or data to open: a plate, frames, a table."), QStringLiteral("[PROJECT|PATH]"));
    const auto add = [&](const char* name, const QString& help, const char* value = nullptr) {
        const QCommandLineOption option(QString::fromLatin1(name), help, value ? QString::fromLatin1(value) : QString());
        parser.addOption(option);
    };
    add("demo", QStringLiteral("Open the demo project, making it first if need be."));
    add("report", QStringLiteral("With --demo: go through the demo, leave report.html with screenshots in DIR and quit."), "DIR");
    add("project", QStringLiteral("The folder of the project to open or make."), "DIR");
    add("panel", QStringLiteral("Open this panel (cells, …)."), "ID");
    add("quit-after-start", QStringLiteral("Print the milliseconds until the first page was painted and quit."));
    add("runner", QStringLiteral("The program that runs jobs; otherwise driftscope-run beside this program."), "PATH");
    add("plugins", QStringLiteral("The folder of panel plugins; otherwise ../lib/plugins beside this program."), "DIR");
    add("settings", QStringLiteral("Keep settings in DIR instead of the usual place."), "DIR");
    add("help", QStringLiteral("Show this text."));
    add("version", QStringLiteral("Show the version."));
    if (!parser.parse(arguments)) return fail(ErrorCode::Usage, parser.errorText().toStdString(), "--help lists the options.");

    const auto value = [&](const char* name) { return parser.value(QString::fromLatin1(name)); };
    const auto isSet = [&](const char* name) { return parser.isSet(QString::fromLatin1(name)); };
    Options options{parser.positionalArguments().value(0), value("project"), value("panel"), isSet("demo"), value("report"),
                    isSet("quit-after-start"), value("runner"), value("plugins"), value("settings"), {}};
    if (parser.positionalArguments().size() > 1)
        return fail(ErrorCode::Usage, "More than one path was given.", "Open one at a time, or drop several on the window.");
    if (options.runner.isEmpty()) options.runner = programFolder + QStringLiteral("/driftscope-run");
    if (options.plugins.isEmpty()) options.plugins = QDir::cleanPath(programFolder + QStringLiteral("/../lib/plugins"));
    if (isSet("help")) options.output = parser.helpText();
    if (isSet("version")) options.output = QStringLiteral("driftscope " DRIFTSCOPE_VERSION "\n");
    return options;
}

}  // namespace driftscope
