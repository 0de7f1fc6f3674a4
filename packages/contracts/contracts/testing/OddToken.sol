// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title OddToken
/// @notice A token that answers `balanceOf` as some do: not at all, with nothing, with two words, or with more than there is. For local chains.
contract OddToken {
    enum Oddity {
        None,
        Reverts,
        Nothing,
        TwoWords
    }

    uint8 public constant decimals = 18;
    Oddity public oddity;
    mapping(address account => uint256) private _balances;
    /// @notice Every balance is multiplied by this: it rebases. Parts of a million.
    uint256 public rebasePpm = 1_000_000;

    /// @notice Answers like this from now on.
    function become(Oddity oddity_, uint256 rebasePpm_) external {
        oddity = oddity_;
        rebasePpm = rebasePpm_;
    }

    function mint(address account, uint256 amount) external {
        _balances[account] += amount;
    }

    /// @notice Takes a hundredth on the way.
    function transfer(address to, uint256 amount) external returns (bool) {
        _balances[msg.sender] -= amount;
        _balances[to] += amount - amount / 100;
        return true;
    }

    function balanceOf(address account) external view returns (uint256) {
        if (oddity == Oddity.Reverts) revert("odd");
        uint256 held = (_balances[account] * rebasePpm) / 1_000_000;
        if (oddity == Oddity.None) return held;
        uint256 length = oddity == Oddity.Nothing ? 0 : 64;
        assembly ("memory-safe") {
            mstore(0, held)
            mstore(32, held)
            return(0, length)
        }
    }
}
