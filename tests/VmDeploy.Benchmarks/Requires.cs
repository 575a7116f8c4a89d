namespace VmDeploy.Tests.Support;

/// <summary>The requirements of a benchmark; unlike a test, it ends if one is missing.</summary>
internal static class Requires
{
    public static void That(bool present, string what, string remedy)
    {
        if (!present)
            throw new InvalidOperationException($"The benchmark needs {what} ({remedy}).");
    }
}
