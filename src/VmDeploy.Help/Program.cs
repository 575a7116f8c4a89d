using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using System.Xml.Linq;
using VmDeploy.Help;

// Writes PowerShell's help file. The words come from Markdown files, one for each cmdlet; what a cmdlet's parameters are is
// read from its class, so that the two can't disagree. Part of the build of src/VmDeploy.
if (args is not [var module, var folder, var target])
{
    Console.Error.WriteLine("Usage: VmDeploy.Help <VmDeploy.dll> <folder of Markdown files> <help file to write>");
    return 2;
}

AppDomain.CurrentDomain.AssemblyResolve += (_, wanted) =>
    Path.Combine(Path.GetDirectoryName(Path.GetFullPath(module))!, new AssemblyName(wanted.Name).Name + ".dll") is var file && File.Exists(file)
        ? Assembly.LoadFrom(file)
        : null;
try
{
    var texts = new HelpTexts(folder);
    var commands = Assembly.LoadFrom(Path.GetFullPath(module)).GetExportedTypes()
        .Where(type => type.Attributes<CmdletAttribute>().Any())
        .Select(type => new Command(type))
        .OrderBy(command => command.Name, StringComparer.Ordinal)
        .ToList();
    var help = new XDocument(new XElement(Maml.Root + "helpItems", new XAttribute("schema", "maml"),
        commands.Where(texts.Has).Select(command => Maml.Write(command, texts))));
    texts.ThrowIfLeft();
    Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
    help.Save(target);
    return 0;
}
catch (FormatException e)
{
    // As MSBuild shows errors.
    Console.Error.WriteLine(e.Message);
    return 1;
}
