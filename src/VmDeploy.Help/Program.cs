using System.Management.Automation;
using System.Reflection;
using System.Xml.Linq;
using VmDeploy.Help;

// Writes what Get-Help shows; a part of the build of src/VmDeploy. The texts come from en-US: Markdown files for the cmdlets,
// and the topics. The parameters are read from a cmdlet's class, and the table of errors from Core and the module, so that help and
// module can't disagree.
if (args is not [var module, var source, var target])
{
    Console.Error.WriteLine("Usage: VmDeploy.Help <VmDeploy.dll> <folder of the texts> <folder to write to>");
    return 2;
}

var modulePath = Path.GetFullPath(module);
string InModule(string file) => Path.Combine(Path.GetDirectoryName(modulePath)!, file);
AppDomain.CurrentDomain.AssemblyResolve += (_, wanted) =>
    InModule(new AssemblyName(wanted.Name).Name + ".dll") is var file && File.Exists(file) ? Assembly.LoadFrom(file) : null;
try
{
    var texts = new HelpTexts(Path.Combine(source, "Cmdlets"));
    var assembly = Assembly.LoadFrom(modulePath);
    var commands = assembly.GetExportedTypes()
        .Where(type => type.Attributes<CmdletAttribute>().Any())
        .Select(type => new Command(type))
        .OrderBy(command => command.Name, StringComparer.Ordinal)
        .ToList();
    var help = new XDocument(new XElement(Maml.Root + "helpItems", new XAttribute("schema", "maml"),
        commands.Where(texts.Has).Select(command => Maml.Write(command, texts))));
    texts.ThrowIfLeft();
    Directory.CreateDirectory(target);
    help.Save(Path.Combine(target, Path.GetFileName(modulePath) + "-Help.xml"));
    foreach (var topic in Directory.GetFiles(source, "about_*.help.txt"))
    {
        var text = File.ReadAllText(topic).Replace("    {errors}", ErrorTable.Write(assembly, InModule("VmDeploy.Core.dll")));
        File.WriteAllText(Path.Combine(target, Path.GetFileName(topic)), text);
    }
    return 0;
}
catch (FormatException e)
{
    // As MSBuild shows errors.
    Console.Error.WriteLine(e.Message);
    return 1;
}
