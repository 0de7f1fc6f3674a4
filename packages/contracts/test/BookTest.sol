// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LimitBook} from "../contracts/LimitBook.sol";
import {Keys} from "./Mini.sol";

/// @dev A book of known bounds, and certificates for one account in one market.
abstract contract BookTest is Keys {
    uint128 internal constant BOOTSTRAP = 1_000e18;
    uint128 internal constant PER_HOUR = 3_600e18;
    uint64 internal constant START = 1_700_000_000;

    address internal owner = address(0x0e0);
    address internal guardian = address(0x0e1);
    address internal alice = address(0xa11ce);
    address internal venue = address(0x5e11e);
    bytes32 internal market = keccak256("ETH-PERP");
    LimitBook internal book;

    function bounds() internal pure returns (LimitBook.Config memory) {
        return LimitBook.Config({
            maxTtlSeconds: 300,
            maxFutureSeconds: 15,
            minImPpm: 10_000,
            maxImPpm: 1_000_000,
            maxNotional: 1_000_000e18,
            maxCredit: 500_000e18,
            bootstrapNotional: BOOTSTRAP,
            raisePerHour: PER_HOUR
        });
    }

    function deployBook() internal {
        vm.warp(START);
        book = new LimitBook(bounds(), owner, guardian, signers(), 2);
    }

    function limit(uint64 sequence, uint128 maxNotional) internal view returns (LimitBook.Limit memory) {
        return LimitBook.Limit({
            participantId: keccak256("participant"),
            account: alice,
            venue: venue,
            market: market,
            maxNotional: maxNotional,
            credit: 100e18,
            imPpm: 50_000,
            sequence: sequence,
            issuedAt: uint64(block.timestamp),
            expiresAt: uint64(block.timestamp) + 300,
            epoch: book.epoch(),
            inputsHash: keccak256("inputs"),
            modelHash: keccak256("model"),
            paramsHash: keccak256("params")
        });
    }

    function signed(LimitBook.Limit memory certificate) internal view returns (bytes[] memory) {
        return signatures(book.digestOf(certificate), keys[0], keys[1]);
    }

    function accept(LimitBook.Limit memory certificate) internal {
        book.accept(certificate, signed(certificate));
    }

    function refuse(LimitBook.Limit memory certificate, bytes4 reason) internal {
        bytes[] memory list = signed(certificate);
        vm.expectPartialRevert(reason);
        book.accept(certificate, list);
    }
}
