using System;
using System.IO;
using System.Linq;
using Xunit;

namespace VmDeploy.Tests.Support;

/// <summary>Tools that some tests need. A machine without one skips those tests; a build server (CI=true) fails them.</summary>
internal static class Requires
{
    /// <summary>The full path of a program on the PATH (and in the sbin folders, which a user's PATH often lacks).</summary>
    public static string Tool(string name)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin").Append("/sbin");
        var found = folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        if (found is null)
            Missing($"the program {name}");
        return found!;
    }

    public static void Missing(string what)
    {
        if (Environment.GetEnvironmentVariable("CI") is "true" or "1")
            Assert.Fail($"This test needs {what}.");
        Skip.If(true, $"needs {what}");
    }
}
