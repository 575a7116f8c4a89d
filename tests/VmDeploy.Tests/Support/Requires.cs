using System;
using System.IO;
using System.Linq;
using Xunit;

namespace VmDeploy.Tests.Support;

/// <summary>
/// What a test needs and a machine may lack. Missing things skip the test, which must be a <c>[SkippableFact]</c> or
/// <c>[SkippableTheory]</c>; on a build server (CI=true) they fail it, so that nothing goes untested unnoticed.
/// </summary>
internal static class Requires
{
    /// <summary>Skips (or fails) unless it is there.</summary>
    /// <param name="present">Whether it is there.</param>
    /// <param name="what">What it is, and how to get it.</param>
    public static void That(bool present, string what)
    {
        if (!present && Environment.GetEnvironmentVariable("CI") is "true" or "1")
            Assert.Fail($"This test needs {what}.");
        Skip.IfNot(present, $"needs {what}");
    }

    /// <summary>The full path of a program on the PATH (and in the sbin folders, which a user's PATH often lacks).</summary>
    public static string Tool(string name)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin").Append("/sbin");
        var found = folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        That(found is not null, $"the program {name}");
        return found!;
    }

    /// <summary>Debian's Python, which sees the modules that Debian packages; another on the PATH may not.</summary>
    /// <param name="module">A module that the test imports, for example <c>pyVmomi</c>.</param>
    public static string Python(string module)
    {
        const string folder = "/usr/lib/python3/dist-packages";
        That(Directory.Exists(Path.Combine(folder, module)) || File.Exists(Path.Combine(folder, module + ".py")),
            $"Debian's Python with the module {module}");
        return "/usr/bin/python3";
    }
}
