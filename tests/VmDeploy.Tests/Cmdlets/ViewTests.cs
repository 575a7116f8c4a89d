using System.Management.Automation;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;
using VmDeploy.PowerShell;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>What PowerShell shows of an object: as a table, a list and JSON. Text from hosts and files can't control the terminal.</summary>
public sealed class ViewTests
{
    // Text from a user or from this module.
    private static readonly string[] s_own = ["Server", "UserName", "Id", "Uuid", "ViaSsh", "CertificateThumbprint", "Version", "PowerState", "Slot", "ParentId",
        "Kind", "State", "Status", "Action", "Cost", "Integrity"];

    // In a package these are texts of its publisher.
    private static readonly string[] s_ofPublisher = ["Id", "Version"];

    public static TheoryData<Type> Shown => [.. AllShown()];

    [Fact]
    public void Views_escape_every_foreign_text()
    {
        var views = XDocument.Load(Repository.Path("src/VmDeploy/VmDeploy.Format.ps1xml")).Descendants("View").ToList();
        Assert.NotEmpty(views);
        foreach (var view in views)
        {
            var types = view.Descendants("TypeName").Select(name => name.Value).Select(name =>
                typeof(Vm).Assembly.GetType(name) ?? typeof(AsyncCmdlet).Assembly.GetType(name)).OfType<Type>().ToList();
            Assert.NotEmpty(types);
            var texts = types.SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
                .Where(property => property.PropertyType == typeof(string)).Select(property => property.Name)
                .Except(types[0].FullName!.Contains("Ova", StringComparison.Ordinal) ? s_own.Except(s_ofPublisher) : s_own).ToHashSet();
            foreach (var shown in view.Descendants("PropertyName").Select(item => item.Value))
                Assert.False(texts.Contains(shown), $"{types[0].Name}.{shown} is shown as it came; show [VmDeploy.PrintableText]::Escape($_.{shown}).");
            foreach (var script in view.Descendants("ScriptBlock").Select(item => item.Value).Where(script => texts.Any(text => script.Contains($"$_.{text}", StringComparison.Ordinal))))
                Assert.Contains("[VmDeploy.PrintableText]::Escape(", script, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Shown))]
    public void Every_type_is_readable_as_JSON_as_text_and_as_a_list(Type type)
    {
        // ConvertTo-Json writes a number for an enumeration (Windows PowerShell always), and {} for an object without properties.
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        Assert.NotEmpty(properties);
        Assert.Empty(properties.Where(property => Elements(property.PropertyType).Any(one => one.IsEnum)).Select(property => property.Name));

        var text = type.GetMethod(nameof(ToString), Type.EmptyTypes)!;
        Assert.NotEqual(typeof(object), text.DeclaringType);
        Assert.False(text.IsDefined(typeof(CompilerGeneratedAttribute)), $"{type.Name}.ToString() is that of a record.");

        // Without a view, a list shows texts as they came.
        var shown = new List<string?>();
        for (var one = type; one is not null; one = one.BaseType)
            shown.Add(one.FullName);
        var lists = XDocument.Load(Repository.Path("src/VmDeploy/VmDeploy.Format.ps1xml")).Descendants("View").Where(view => view.Element("ListControl") is not null);
        Assert.True(lists.Descendants("TypeName").Any(name => shown.Contains(name.Value)), $"{type.Name} has no list view.");
    }

    // What cmdlets emit, and what is in it.
    private static HashSet<Type> AllShown()
    {
        var found = new HashSet<Type>();
        var open = new Queue<Type>(typeof(AsyncCmdlet).Assembly.GetTypes()
            .SelectMany(type => type.GetCustomAttributes<OutputTypeAttribute>()).SelectMany(output => output.Type).Select(output => output.Type));
        while (open.TryDequeue(out var type))
        {
            if (type.IsEnum || (type.Assembly != typeof(Vm).Assembly && type.Assembly != typeof(AsyncCmdlet).Assembly))
                continue;
            var types = type.IsAbstract ? type.Assembly.GetTypes().Where(one => one.IsSubclassOf(type)) : [type];
            foreach (var one in types.Where(found.Add))
                one.GetProperties(BindingFlags.Public | BindingFlags.Instance).SelectMany(property => Elements(property.PropertyType)).ToList().ForEach(open.Enqueue);
        }
        return found;
    }

    private static IEnumerable<Type> Elements(Type type) => type.HasElementType ? Elements(type.GetElementType()!)
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Elements)
        : [type];
}
