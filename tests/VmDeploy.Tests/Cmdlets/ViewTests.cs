using System.Reflection;
using System.Xml.Linq;
using VmDeploy.PowerShell;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>The formatting views: text from hosts and files can't control the terminal.</summary>
public sealed class ViewTests
{
    // Text from a user or from this module.
    private static readonly string[] s_own = ["Server", "UserName", "Id", "Uuid", "ViaSsh", "Version", "PowerState", "Slot"];

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
                .Where(property => property.PropertyType == typeof(string)).Select(property => property.Name).Except(s_own).ToHashSet();
            foreach (var shown in view.Descendants("PropertyName").Select(item => item.Value))
                Assert.False(texts.Contains(shown), $"{types[0].Name}.{shown} is shown as it came; show [VmDeploy.PrintableText]::Escape($_.{shown}).");
            foreach (var script in view.Descendants("ScriptBlock").Select(item => item.Value).Where(script => texts.Any(text => script.Contains($"$_.{text}", StringComparison.Ordinal))))
                Assert.Contains("[VmDeploy.PrintableText]::Escape(", script, StringComparison.Ordinal);
        }
    }
}
