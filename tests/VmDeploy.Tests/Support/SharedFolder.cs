using System;
using System.IO;
using Xunit;

namespace VmDeploy.Tests.Support;

/// <summary>
/// The folder `shared` beside the checkout, with the official schema and datamodel. Without it the checks are skipped,
/// except on a build server (CI=true), which must have it.
/// </summary>
internal static class SharedFolder
{
    private static readonly string? s_path = Find();

    public static string File(params string[] parts)
    {
        var path = s_path is null ? null : Path.Combine(s_path, Path.Combine(parts));
        if (path is not null && (System.IO.File.Exists(path) || Directory.Exists(path)))
            return path;
        Requires.Missing($"shared/{string.Join('/', parts)} (set VMDEPLOY_SHARED to the folder, or put it beside the checkout)");
        throw new SkipException("unreachable");
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("VMDEPLOY_SHARED") is { Length: > 0 } given)
            return given;
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(directory.FullName, "VmDeploy.sln")))
                return directory.Parent is { } parent ? Path.Combine(parent.FullName, "shared") : null;
        }
        return null;
    }
}
