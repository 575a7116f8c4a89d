using System;
using System.Collections.Generic;
using System.Linq;

namespace VmDeploy;

/// <summary>Lists of names for messages.</summary>
internal static class Names
{
    // Enough to pick from at a prompt; a vCenter may have thousands.
    private const int Most = 20;

    /// <summary><c>is 'a'</c>, <c>are 'a', 'b'</c> or <c>is none</c>.</summary>
    public static string ThereIs(IEnumerable<string> names)
    {
        var all = names.Distinct().OrderBy(n => n, StringComparer.OrdinalIgnoreCase).ToList();
        var shown = string.Join(", ", all.Take(Most).Select(n => $"'{n}'"));
        return all.Count switch
        {
            0 => "is none",
            1 => $"is {shown}",
            > Most => $"are {shown} and {all.Count - Most} more",
            _ => $"are {shown}",
        };
    }
}
